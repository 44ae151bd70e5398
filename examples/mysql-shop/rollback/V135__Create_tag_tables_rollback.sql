-- Rollback: V135 Create tag tables
-- Version: 135
-- Created: 2026-10-22
-- Description: Takes back V135.

DROP TABLE product_tag;
DROP TABLE tag;
