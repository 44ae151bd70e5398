-- Rollback: V1.31.0 Create sales facts
-- Version: 1.31.0
-- Created: 2026-10-03
-- Description: Takes back V1.31.0.

DROP FUNCTION mart.add_sales_quarter(date);
DROP TABLE mart.sales_fact;
