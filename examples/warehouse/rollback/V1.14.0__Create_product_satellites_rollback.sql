-- Rollback: V1.14.0 Create product satellites
-- Version: 1.14.0
-- Created: 2026-09-16
-- Description: Takes back V1.14.0.

DROP TABLE vault.product_price_s;
DROP TABLE vault.product_text_s;
