-- Rollback: V1.16.0 Create event landing
-- Version: 1.16.0
-- Created: 2026-09-18
-- Description: Takes back V1.16.0.

DROP TABLE raw.web_event;
