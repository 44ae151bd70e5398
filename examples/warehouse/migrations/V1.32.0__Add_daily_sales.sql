-- Migration: V1.32.0 Add daily sales
-- Version: 1.32.0
-- Created: 2026-10-04
-- Description: A materialised view for the dashboard, with the unique index that a concurrent refresh needs.

CREATE MATERIALIZED VIEW mart.daily_sales AS
SELECT d.day, count(DISTINCT f.purchase_no) AS purchases, coalesce(sum(f.revenue), 0) AS revenue
  FROM ref.calendar_day AS d
  LEFT JOIN mart.sales_fact AS f ON f.sold_on = d.day
 WHERE d.day BETWEEN date '2026-08-01' AND date '2026-12-31'
 GROUP BY d.day
WITH NO DATA;

CREATE UNIQUE INDEX daily_sales_day ON mart.daily_sales (day);
REFRESH MATERIALIZED VIEW mart.daily_sales;
COMMENT ON MATERIALIZED VIEW mart.daily_sales IS 'Refresh each night; CONCURRENTLY works';
