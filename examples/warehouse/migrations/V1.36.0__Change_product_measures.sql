-- Migration: V1.36.0 Change product measures
-- Version: 1.36.0
-- Created: 2026-10-08
-- Description: Barcodes become text with leading zeros, weights become grams.
-- dbvc: lock-timeout=5s
-- dbvc: statement-timeout=2min

ALTER TABLE shop.product
    ALTER COLUMN barcode TYPE text USING lpad(barcode::text, 13, '0'),
    ALTER COLUMN weight TYPE integer USING nullif(regexp_replace(weight, '\D', '', 'g'), '')::integer;
ALTER TABLE shop.product
    ADD CONSTRAINT product_barcode_has_13_digits CHECK (barcode ~ '^\d{13}$') NOT VALID,
    ADD CONSTRAINT product_weight_is_positive CHECK (weight > 0);
ALTER TABLE shop.product VALIDATE CONSTRAINT product_barcode_has_13_digits;
COMMENT ON COLUMN shop.product.weight IS 'Grams';
