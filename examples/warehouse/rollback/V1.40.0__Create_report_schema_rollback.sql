-- Rollback: V1.40.0 Create report schema
-- Version: 1.40.0
-- Created: 2026-10-12
-- Description: Takes back V1.40.0.

-- Holds only views that the repeatable migrations make again.
DROP SCHEMA report CASCADE;
