-- Repeatable: Weekly sales
-- Created: 2026-11-02
-- Description: Sales by ISO week, weeks without a sale included.

CREATE OR REPLACE VIEW report.weekly_sales AS
SELECT d.iso_year, d.iso_week, min(d.day) AS first_day, coalesce(sum(s.revenue), 0) AS revenue
  FROM ref.calendar_day AS d
  LEFT JOIN mart.daily_sales AS s USING (day)
 GROUP BY d.iso_year, d.iso_week;
