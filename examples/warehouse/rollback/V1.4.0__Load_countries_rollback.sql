-- Rollback: V1.4.0 Load countries
-- Version: 1.4.0
-- Created: 2026-09-05
-- Description: Takes back V1.4.0.

DROP TABLE ref.country;
