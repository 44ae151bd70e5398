-- Rollback: V1.15.0 Create purchase links
-- Version: 1.15.0
-- Created: 2026-09-17
-- Description: Takes back V1.15.0.

DROP TABLE vault.purchase_product_s;
DROP TABLE vault.purchase_product_l;
DROP TABLE vault.purchase_customer_l;
