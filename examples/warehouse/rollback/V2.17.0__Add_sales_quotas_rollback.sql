-- Rollback: V2.17.0 Add sales quotas
-- Version: 2.17.0
-- Created: 2026-10-30
-- Description: Takes back V2.17.0.

DROP TABLE mart.sales_quota;
DROP FUNCTION mart.quotas_add_up();
DROP TABLE mart.sales_plan;
