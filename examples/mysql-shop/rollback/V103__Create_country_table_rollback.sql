-- Rollback: V103 Create country table
-- Version: 103
-- Created: 2026-09-04
-- Description: Takes back V103.

DROP TABLE country;
