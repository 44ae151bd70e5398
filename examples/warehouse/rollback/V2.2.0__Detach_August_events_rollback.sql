-- Rollback: V2.2.0 Detach August events
-- Version: 2.2.0
-- Created: 2026-10-15
-- Description: Takes back V2.2.0.

COMMENT ON TABLE raw.web_event_2026_08 IS NULL;
ALTER TABLE raw.web_event ATTACH PARTITION raw.web_event_2026_08
    FOR VALUES FROM ('2026-08-01 00:00+00') TO ('2026-09-01 00:00+00');
