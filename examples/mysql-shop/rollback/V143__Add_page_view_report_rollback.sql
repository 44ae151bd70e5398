-- Rollback: V143 Add page view report
-- Version: 143
-- Created: 2026-11-03
-- Description: Takes back V143.

DROP VIEW page_views_by_day;
