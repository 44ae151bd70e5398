-- Rollback: V142 Load page views
-- Version: 142
-- Created: 2026-11-01
-- Description: Takes back V142.

DELETE FROM page_view;
