-- Rollback: V1.12.0 Create purchase hub
-- Version: 1.12.0
-- Created: 2026-09-14
-- Description: Takes back V1.12.0.

DROP TABLE vault.purchase_h;
