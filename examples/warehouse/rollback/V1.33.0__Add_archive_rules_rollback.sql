-- Rollback: V1.33.0 Add archive rules
-- Version: 1.33.0
-- Created: 2026-10-05
-- Description: Takes back V1.33.0.

DROP VIEW shop.gift;
DROP RULE category_archive ON shop.category;
DROP TABLE ops.archive_count;
DROP TABLE ops.category_archive;
