-- Rollback: V1.5.0 Create shop customers
-- Version: 1.5.0
-- Created: 2026-09-07
-- Description: Takes back V1.5.0.

DROP TABLE shop.customer;
