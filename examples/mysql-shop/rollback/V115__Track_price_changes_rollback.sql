-- Rollback: V115 Track price changes
-- Version: 115
-- Created: 2026-09-22
-- Description: Takes back V115.

DROP TRIGGER product_price_changes;
