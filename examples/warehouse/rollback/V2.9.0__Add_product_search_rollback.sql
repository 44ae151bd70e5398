-- Rollback: V2.9.0 Add product search
-- Version: 2.9.0
-- Created: 2026-10-22
-- Description: Takes back V2.9.0.

DROP INDEX shop.product_search;
ALTER TABLE shop.product DROP COLUMN search;
DROP FUNCTION shop.search_text(text, text[]);
