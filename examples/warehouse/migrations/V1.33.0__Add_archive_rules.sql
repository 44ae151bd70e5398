-- Migration: V1.33.0 Add archive rules
-- Version: 1.33.0
-- Created: 2026-10-05
-- Description: Rules: a deleted category is kept, and a view that can be written.

CREATE TABLE ops.category_archive (
    archived_at  timestamptz NOT NULL DEFAULT now(),
    category_id  integer NOT NULL,
    name         text NOT NULL
);
CREATE TABLE ops.archive_count (what text PRIMARY KEY, times integer NOT NULL DEFAULT 0);
INSERT INTO ops.archive_count (what) VALUES ('category');

CREATE RULE category_archive AS ON DELETE TO shop.category DO ALSO (
    INSERT INTO ops.category_archive (category_id, name) VALUES (OLD.category_id, OLD.name);
    UPDATE ops.archive_count SET times = times + 1 WHERE what = 'category';
);

CREATE VIEW shop.gift AS
    SELECT product_id, name, price FROM shop.product WHERE 'gift' = ANY (tags);
CREATE RULE gift_price AS ON UPDATE TO shop.gift DO INSTEAD
    UPDATE shop.product SET price = NEW.price WHERE product_id = OLD.product_id;
CREATE RULE gift_stays AS ON DELETE TO shop.gift DO INSTEAD NOTHING;
