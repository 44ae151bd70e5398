-- Migration: V2.15.0 Move partner feeds
-- Version: 2.15.0
-- Created: 2026-10-28
-- Description: Partner feeds belong to operations; the table and its partitions change schema.

DO $$
DECLARE
    part regclass;
BEGIN
    FOR part IN SELECT relid FROM pg_partition_tree('raw.partner_feed') LOOP
        EXECUTE format('ALTER TABLE %s SET SCHEMA ops;', part);
    END LOOP;
END $$;
