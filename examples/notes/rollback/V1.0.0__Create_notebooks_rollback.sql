-- Rollback: V1.0.0 Create notebooks
-- Version: 1.0.0
-- Created: 2026-11-02
-- Description: Takes back V1.0.0.

DROP TABLE notebook;
