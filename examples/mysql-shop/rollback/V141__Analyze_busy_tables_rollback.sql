-- Rollback: V141 Analyze busy tables
-- Version: 141
-- Created: 2026-10-31
-- Description: Takes back V141.

-- What is known about the tables stays known.
SELECT 1;
