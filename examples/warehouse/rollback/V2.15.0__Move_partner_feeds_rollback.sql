-- Rollback: V2.15.0 Move partner feeds
-- Version: 2.15.0
-- Created: 2026-10-28
-- Description: Takes back V2.15.0.

DO $$
DECLARE
    part regclass;
BEGIN
    FOR part IN SELECT relid FROM pg_partition_tree('ops.partner_feed') LOOP
        EXECUTE format('ALTER TABLE %s SET SCHEMA raw;', part);
    END LOOP;
END $$;
