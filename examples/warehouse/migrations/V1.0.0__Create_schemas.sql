-- Migration: V1.0.0 Create schemas
-- Version: 1.0.0
-- Created: 2026-09-01
-- Description: One schema per layer, from the landing area to the data marts.

CREATE SCHEMA raw;
CREATE SCHEMA vault;
CREATE SCHEMA mart;
CREATE SCHEMA ref;
CREATE SCHEMA ops;
CREATE SCHEMA shop;

COMMENT ON SCHEMA raw   IS 'Landing area; rows stay as they were delivered';
COMMENT ON SCHEMA vault IS 'Hubs (_h), satellites (_s) and links (_l); rows are only added';
COMMENT ON SCHEMA mart  IS 'What analysts read';
COMMENT ON SCHEMA ref   IS 'Types and reference data; loaded by migrations';
COMMENT ON SCHEMA ops   IS 'Load register, logs, housekeeping';
COMMENT ON SCHEMA shop  IS 'The web shop''s own tables; the source of most facts';
