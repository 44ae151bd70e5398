-- Rollback: V109 Create purchase table
-- Version: 109
-- Created: 2026-09-13
-- Description: Takes back V109.

DROP TABLE purchase;
