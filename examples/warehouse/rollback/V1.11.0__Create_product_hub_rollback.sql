-- Rollback: V1.11.0 Create product hub
-- Version: 1.11.0
-- Created: 2026-09-13
-- Description: Takes back V1.11.0.

DROP TABLE vault.product_h;
