-- Rollback: V138 Split customer name
-- Version: 138
-- Created: 2026-10-26
-- Description: Takes back V138.

ALTER TABLE customer DROP COLUMN short_name;
