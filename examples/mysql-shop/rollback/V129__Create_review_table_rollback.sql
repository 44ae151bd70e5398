-- Rollback: V129 Create review table
-- Version: 129
-- Created: 2026-10-13
-- Description: Takes back V129.

DROP TABLE review;
