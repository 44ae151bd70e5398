-- Rollback: V2.7.0 Import legacy ratings
-- Version: 2.7.0
-- Created: 2026-10-20
-- Description: Takes back V2.7.0.

DROP FUNCTION raw.stars(integer);
DROP TABLE raw.legacy_rating;
