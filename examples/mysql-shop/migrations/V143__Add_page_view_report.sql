-- Migration: V143 Add page view report
-- Version: 143
-- Created: 2026-11-03
-- Description: What each product was looked at, by day.

CREATE SQL SECURITY INVOKER VIEW page_views_by_day AS
SELECT DATE(seen_at) AS day, product, COUNT(*) AS views FROM page_view GROUP BY DATE(seen_at), product;
