-- Migration: V2.13.0 Add geometric mean
-- Version: 2.13.0
-- Created: 2026-10-26
-- Description: An aggregate and an operator for the analysts.

CREATE FUNCTION mart.geometric_step(state numeric[], value numeric) RETURNS numeric[]
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT CASE WHEN value > 0 THEN ARRAY[state[1] + ln(value), state[2] + 1] ELSE state END $$;
CREATE FUNCTION mart.geometric_end(state numeric[]) RETURNS numeric
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$ SELECT exp(state[1] / nullif(state[2], 0)) $$;

CREATE AGGREGATE mart.geometric_mean (numeric) (
    SFUNC = mart.geometric_step, STYPE = numeric[], INITCOND = '{0,0}', FINALFUNC = mart.geometric_end);

CREATE FUNCTION mart.share(part numeric, whole numeric) RETURNS numeric
    LANGUAGE sql IMMUTABLE AS $$ SELECT round(100 * part / nullif(whole, 0), 1) $$;
CREATE OPERATOR mart.@% (LEFTARG = numeric, RIGHTARG = numeric, FUNCTION = mart.share);
COMMENT ON OPERATOR mart.@% (numeric, numeric) IS 'Percent of the whole; 3 OPERATOR(mart.@%) 4 = 75.0';
