-- Rollback: V2.5.0 Add supplier vault
-- Version: 2.5.0
-- Created: 2026-10-18
-- Description: Takes back V2.5.0.

DROP TABLE vault.supplier_product_l;
DROP TABLE vault.supplier_s;
DROP TABLE vault.supplier_h;
