-- Migration: V2.19.0 Tune busy tables
-- Version: 2.19.0
-- Created: 2026-11-01
-- Description: Statistics over columns that go together, storage settings, a cluster order.

CREATE STATISTICS shop.customer_place (dependencies, ndistinct) ON country_code, tenant FROM shop.customer;
ALTER TABLE shop.purchase SET (fillfactor = 85, autovacuum_vacuum_scale_factor = 0.05);
ALTER TABLE shop.purchase_line ALTER COLUMN product_id SET STATISTICS 500;
ALTER TABLE shop.product ALTER COLUMN details SET STORAGE EXTERNAL;
ALTER TABLE vault.product_price_s CLUSTER ON product_price_s_newest;
