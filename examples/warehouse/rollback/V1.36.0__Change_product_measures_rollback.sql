-- Rollback: V1.36.0 Change product measures
-- Version: 1.36.0
-- Created: 2026-10-08
-- Description: Takes back V1.36.0.
-- dbvc: lock-timeout=5s
-- dbvc: statement-timeout=2min

COMMENT ON COLUMN shop.product.weight IS NULL;
ALTER TABLE shop.product
    DROP CONSTRAINT product_weight_is_positive,
    DROP CONSTRAINT product_barcode_has_13_digits;
ALTER TABLE shop.product
    ALTER COLUMN weight TYPE text USING weight || ' g',
    ALTER COLUMN barcode TYPE bigint USING barcode::bigint;
