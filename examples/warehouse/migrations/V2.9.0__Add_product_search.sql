-- Migration: V2.9.0 Add product search
-- Version: 2.9.0
-- Created: 2026-10-22
-- Description: Full text search over name and tags.

CREATE FUNCTION shop.search_text(name text, tags text[]) RETURNS tsvector
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN setweight(to_tsvector('simple'::regconfig, name), 'A') || setweight(array_to_tsvector(tags), 'B');

ALTER TABLE shop.product ADD COLUMN search tsvector GENERATED ALWAYS AS (shop.search_text(name, tags)) STORED;
CREATE INDEX product_search ON shop.product USING gin (search);
