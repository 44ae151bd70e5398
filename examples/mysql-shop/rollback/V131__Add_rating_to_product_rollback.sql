-- Rollback: V131 Add rating to product
-- Version: 131
-- Created: 2026-10-16
-- Description: Takes back V131.

ALTER TABLE product DROP COLUMN rating;
