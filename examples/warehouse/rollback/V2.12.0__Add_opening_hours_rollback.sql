-- Rollback: V2.12.0 Add opening hours
-- Version: 2.12.0
-- Created: 2026-10-25
-- Description: Takes back V2.12.0.

DROP TABLE ref.opening_hours;
-- The type and the function of its range need each other; the type goes first.
DROP TYPE ref.time_span;
DROP FUNCTION ref.time_distance(time, time);
