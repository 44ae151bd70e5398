-- Rollback: V1.20.0 Add load procedures
-- Version: 1.20.0
-- Created: 2026-09-22
-- Description: Takes back V1.20.0.

DROP PROCEDURE ops.purge_events(timestamptz, integer);
DROP PROCEDURE ops.end_load(bigint, bigint, boolean);
DROP FUNCTION ops.start_load(text);
