-- Rollback: V1.22.0 Load first products
-- Version: 1.22.0
-- Created: 2026-09-24
-- Description: Takes back V1.22.0.

DELETE FROM shop.product WHERE sku IN ('PE-0001', 'PE-0002', 'IN-0001', 'IN-0002', 'PA-0001', 'PA-0002');
DELETE FROM shop.category WHERE name IN ('Pens', 'Inks');
DELETE FROM shop.category WHERE name IN ('Writing', 'Paper');
ALTER TABLE shop.product ALTER COLUMN product_id RESTART;
ALTER TABLE shop.category ALTER COLUMN category_id RESTART;
