-- Migration: V2.1.0 Attach winter events
-- Version: 2.1.0
-- Created: 2026-10-14
-- Description: A month loaded beside the table and attached when it is whole.

CREATE TABLE raw.web_event_2026_12 (LIKE raw.web_event INCLUDING DEFAULTS INCLUDING CONSTRAINTS);
ALTER TABLE raw.web_event_2026_12
    ADD CONSTRAINT december_only CHECK (seen_at >= '2026-12-01 00:00+00' AND seen_at < '2026-12-02 00:00+00'::timestamptz + interval '30 days');

INSERT INTO raw.web_event_2026_12 (event_id, seen_at, visitor, kind, payload) VALUES
    (nextval(pg_get_serial_sequence('raw.web_event', 'event_id')),
     '2026-12-24 17:00+00', '00000000-0000-4000-8000-000000000009', 'visit', '{"page": "/🎄;last-minute"}');

ALTER TABLE raw.web_event ATTACH PARTITION raw.web_event_2026_12
    FOR VALUES FROM ('2026-12-01 00:00+00') TO ('2027-01-01 00:00+00');
ALTER TABLE raw.web_event_2026_12 DROP CONSTRAINT december_only;
