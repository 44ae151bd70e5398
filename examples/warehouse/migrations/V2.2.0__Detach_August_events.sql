-- Migration: V2.2.0 Detach August events
-- Version: 2.2.0
-- Created: 2026-10-15
-- Description: August is over; its partition becomes a table of its own.

ALTER TABLE raw.web_event DETACH PARTITION raw.web_event_2026_08;
COMMENT ON TABLE raw.web_event_2026_08 IS 'Detached; dropped when the archive has it';
