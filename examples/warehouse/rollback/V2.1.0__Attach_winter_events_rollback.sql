-- Rollback: V2.1.0 Attach winter events
-- Version: 2.1.0
-- Created: 2026-10-14
-- Description: Takes back V2.1.0.

ALTER TABLE raw.web_event DETACH PARTITION raw.web_event_2026_12;
DROP TABLE raw.web_event_2026_12;
