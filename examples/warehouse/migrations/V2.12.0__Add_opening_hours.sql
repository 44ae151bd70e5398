-- Migration: V2.12.0 Add opening hours
-- Version: 2.12.0
-- Created: 2026-10-25
-- Description: A range type of our own, for times of day.

CREATE FUNCTION ref.time_distance(a time, b time) RETURNS double precision
    LANGUAGE sql IMMUTABLE STRICT PARALLEL SAFE AS 'SELECT extract(epoch FROM (a - b))::double precision';
CREATE TYPE ref.time_span AS RANGE (SUBTYPE = time, SUBTYPE_DIFF = ref.time_distance, MULTIRANGE_TYPE_NAME = ref.time_spans);

CREATE TABLE ref.opening_hours (
    weekday  smallint NOT NULL CHECK (weekday BETWEEN 1 AND 7),
    span     ref.time_span NOT NULL,
    EXCLUDE USING gist (int4range(weekday, weekday, '[]') WITH &&, span WITH &&)
);
INSERT INTO ref.opening_hours
SELECT d, ref.time_span('09:00', CASE d WHEN 6 THEN '13:00' ELSE '18:30' END::time) FROM generate_series(1, 6) AS d;
