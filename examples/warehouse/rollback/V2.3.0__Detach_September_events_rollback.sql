-- Rollback: V2.3.0 Detach September events
-- Version: 2.3.0
-- Created: 2026-10-16
-- Description: Takes back V2.3.0.
-- dbvc: lock-timeout=10s

ALTER TABLE raw.web_event ATTACH PARTITION raw.web_event_2026_09
    FOR VALUES FROM ('2026-09-01 00:00+00') TO ('2026-10-01 00:00+00');
-- DETACH … CONCURRENTLY left its bounds behind as a check.
ALTER TABLE raw.web_event_2026_09 DROP CONSTRAINT IF EXISTS web_event_2026_09_seen_at_check;
