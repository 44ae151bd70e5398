-- Migration: V1.29.0 Create calendar
-- Version: 1.29.0
-- Created: 2026-10-01
-- Description: Two years of days, computed.

CREATE TABLE ref.calendar_day (
    day         date PRIMARY KEY,
    iso_year    smallint GENERATED ALWAYS AS (extract(isoyear FROM day)::smallint) STORED,
    iso_week    smallint GENERATED ALWAYS AS (extract(week FROM day)::smallint) STORED,
    is_weekend  boolean GENERATED ALWAYS AS (extract(isodow FROM day) IN (6, 7)) STORED,
    holiday     text
);

INSERT INTO ref.calendar_day (day)
SELECT d::date FROM generate_series(timestamp '2026-01-01', timestamp '2027-12-31', interval '1 day') AS d;

UPDATE ref.calendar_day
   SET holiday = CASE to_char(day, 'MM-DD')
                     WHEN '01-01' THEN 'New Year 🎆'
                     WHEN '05-01' THEN 'Labour Day'
                     WHEN '12-25' THEN 'Christmas; first day'
                 END
 WHERE to_char(day, 'MM-DD') IN ('01-01', '05-01', '12-25');
