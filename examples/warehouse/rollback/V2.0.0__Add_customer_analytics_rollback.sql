-- Rollback: V2.0.0 Add customer analytics
-- Version: 2.0.0
-- Created: 2026-10-13
-- Description: Takes back V2.0.0.

DROP PROCEDURE mart.refresh_customer_value();
DROP TABLE mart.customer_value;
