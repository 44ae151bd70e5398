-- Rollback: V112 Add search to product
-- Version: 112
-- Created: 2026-09-17
-- Description: Takes back V112.

DROP INDEX product_text ON product;
ALTER TABLE product DROP COLUMN about;
