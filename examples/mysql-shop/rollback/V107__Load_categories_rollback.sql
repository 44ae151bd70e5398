-- Rollback: V107 Load categories
-- Version: 107
-- Created: 2026-09-10
-- Description: Takes back V107.

DELETE FROM category WHERE id IN (4, 5, 6, 7);
DELETE FROM category WHERE id IN (1, 2, 3);
