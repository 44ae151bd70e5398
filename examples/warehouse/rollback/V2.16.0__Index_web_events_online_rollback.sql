-- Rollback: V2.16.0 Index web events online
-- Version: 2.16.0
-- Created: 2026-10-29
-- Description: Takes back V2.16.0.
-- dbvc: lock-timeout=5s

-- Takes its parts along.
DROP INDEX raw.web_event_visitor;
