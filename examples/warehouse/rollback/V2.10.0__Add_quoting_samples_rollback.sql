-- Rollback: V2.10.0 Add quoting samples
-- Version: 2.10.0
-- Created: 2026-10-23
-- Description: Takes back V2.10.0.

DROP FUNCTION ops.count_semicolons(text);
DROP TABLE ops."quoting;sample";
