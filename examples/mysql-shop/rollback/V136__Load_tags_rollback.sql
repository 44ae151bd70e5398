-- Rollback: V136 Load tags
-- Version: 136
-- Created: 2026-10-23
-- Description: Takes back V136.

DELETE FROM product_tag;
DELETE FROM tag;
