-- Rollback: V1.30.0 Create customer dimension
-- Version: 1.30.0
-- Created: 2026-10-02
-- Description: Takes back V1.30.0.

DROP TABLE mart.customer_dimension;
DROP VIEW vault.customer_now;
