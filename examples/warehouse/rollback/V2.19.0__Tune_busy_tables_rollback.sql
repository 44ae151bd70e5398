-- Rollback: V2.19.0 Tune busy tables
-- Version: 2.19.0
-- Created: 2026-11-01
-- Description: Takes back V2.19.0.

ALTER TABLE vault.product_price_s SET WITHOUT CLUSTER;
ALTER TABLE shop.product ALTER COLUMN details SET STORAGE EXTENDED;
ALTER TABLE shop.purchase_line ALTER COLUMN product_id SET STATISTICS -1;
ALTER TABLE shop.purchase RESET (fillfactor, autovacuum_vacuum_scale_factor);
DROP STATISTICS shop.customer_place;
