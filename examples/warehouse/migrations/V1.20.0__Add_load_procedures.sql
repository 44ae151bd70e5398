-- Migration: V1.20.0 Add load procedures
-- Version: 1.20.0
-- Created: 2026-09-22
-- Description: Starts and ends loads; purges the landing area in small bites.

CREATE FUNCTION ops.start_load(source_name text) RETURNS bigint LANGUAGE sql AS '
    INSERT INTO ops.load_run (source) VALUES (source_name) RETURNING load_id;
';

CREATE PROCEDURE ops.end_load(load bigint, rows_loaded bigint, worked boolean DEFAULT true)
LANGUAGE plpgsql AS $$
BEGIN
    UPDATE ops.load_run
       SET state = CASE WHEN worked THEN 'done' ELSE 'failed' END::ops.load_state,
           ended_at = greatest(clock_timestamp(), started_at), row_count = rows_loaded
     WHERE load_id = load AND state = 'running';
    IF NOT FOUND THEN
        RAISE EXCEPTION 'load % is not running; it cannot end', load
            USING HINT = 'See ops.load_run; a load ends once.';
    END IF;
END;
$$;

-- The COMMIT is the procedure's own, when it is called; this script has none.
CREATE PROCEDURE ops.purge_events(older_than timestamptz, bite integer DEFAULT 1000)
LANGUAGE plpgsql AS $$
DECLARE
    gone bigint;
BEGIN
    LOOP
        DELETE FROM raw.web_event
         WHERE (seen_at, event_id) IN (
            SELECT seen_at, event_id FROM raw.web_event WHERE seen_at < older_than LIMIT bite);
        GET DIAGNOSTICS gone = ROW_COUNT;
        COMMIT;
        EXIT WHEN gone = 0;
    END LOOP;
END;
$$;
