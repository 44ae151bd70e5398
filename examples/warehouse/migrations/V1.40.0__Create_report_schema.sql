-- Migration: V1.40.0 Create report schema
-- Version: 1.40.0
-- Created: 2026-10-12
-- Description: The schema of the report views; the views themselves are the R__ files.

CREATE SCHEMA report;
COMMENT ON SCHEMA report IS 'Views made by repeatable migrations; safe to drop and make again';
