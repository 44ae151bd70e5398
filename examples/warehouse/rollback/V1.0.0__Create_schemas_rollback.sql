-- Rollback: V1.0.0 Create schemas
-- Version: 1.0.0
-- Created: 2026-09-01
-- Description: Takes back V1.0.0.

DROP SCHEMA shop;
DROP SCHEMA ops;
DROP SCHEMA ref;
DROP SCHEMA mart;
DROP SCHEMA vault;
DROP SCHEMA raw;
