-- Rollback: V1.29.0 Create calendar
-- Version: 1.29.0
-- Created: 2026-10-01
-- Description: Takes back V1.29.0.

DROP TABLE ref.calendar_day;
