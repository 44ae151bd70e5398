-- Migration: V2.16.0 Index web events online
-- Version: 2.16.0
-- Created: 2026-10-29
-- Description: An index on a partitioned table without blocking: each partition first, then attached.
-- dbvc: no-transaction
-- dbvc: lock-timeout=5s
-- dbvc: statement-timeout=10min

CREATE INDEX IF NOT EXISTS web_event_visitor ON ONLY raw.web_event (visitor);

CREATE INDEX CONCURRENTLY IF NOT EXISTS web_event_2026_10_visitor ON raw.web_event_2026_10 (visitor);
ALTER INDEX raw.web_event_visitor ATTACH PARTITION raw.web_event_2026_10_visitor;

CREATE INDEX CONCURRENTLY IF NOT EXISTS web_event_2026_11_visitor ON raw.web_event_2026_11 (visitor);
ALTER INDEX raw.web_event_visitor ATTACH PARTITION raw.web_event_2026_11_visitor;

CREATE INDEX CONCURRENTLY IF NOT EXISTS web_event_2026_12_visitor ON raw.web_event_2026_12 (visitor);
ALTER INDEX raw.web_event_visitor ATTACH PARTITION raw.web_event_2026_12_visitor;
