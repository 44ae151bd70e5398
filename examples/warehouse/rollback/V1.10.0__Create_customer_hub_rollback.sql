-- Rollback: V1.10.0 Create customer hub
-- Version: 1.10.0
-- Created: 2026-09-12
-- Description: Takes back V1.10.0.

DROP TABLE vault.customer_h;
