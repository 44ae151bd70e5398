-- Rollback: V2.13.0 Add geometric mean
-- Version: 2.13.0
-- Created: 2026-10-26
-- Description: Takes back V2.13.0.

DROP OPERATOR mart.@% (numeric, numeric);
DROP FUNCTION mart.share(numeric, numeric);
DROP AGGREGATE mart.geometric_mean (numeric);
DROP FUNCTION mart.geometric_end(numeric[]);
DROP FUNCTION mart.geometric_step(numeric[], numeric);
