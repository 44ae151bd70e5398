-- Rollback: V1.1.0 Create notes
-- Version: 1.1.0
-- Created: 2026-11-03
-- Description: Takes back V1.1.0.

DROP TABLE note;
