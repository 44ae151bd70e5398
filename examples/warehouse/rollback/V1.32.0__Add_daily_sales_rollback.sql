-- Rollback: V1.32.0 Add daily sales
-- Version: 1.32.0
-- Created: 2026-10-04
-- Description: Takes back V1.32.0.

DROP MATERIALIZED VIEW mart.daily_sales;
