-- Rollback: V137 Rename product about
-- Version: 137
-- Created: 2026-10-25
-- Description: Takes back V137.

ALTER TABLE product RENAME COLUMN description TO about;
