-- Rollback: V120 Create page view table
-- Version: 120
-- Created: 2026-09-29
-- Description: Takes back V120.

DROP TABLE page_view;
