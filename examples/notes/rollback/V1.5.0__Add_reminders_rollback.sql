-- Rollback: V1.5.0 Add reminders
-- Version: 1.5.0
-- Created: 2026-11-16
-- Description: Takes back V1.5.0.

DROP TABLE reminder;
