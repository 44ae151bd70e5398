-- Rollback: V123 Move stock with purchases
-- Version: 123
-- Created: 2026-10-04
-- Description: Takes back V123.

DROP TRIGGER purchase_line_gives_stock;
DROP TRIGGER purchase_line_takes_stock;
