-- Migration: V137 Rename product about
-- Version: 137
-- Created: 2026-10-25
-- Description: The text index follows the column.

ALTER TABLE product RENAME COLUMN about TO description;
