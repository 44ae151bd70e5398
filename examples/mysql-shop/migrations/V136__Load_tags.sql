-- Migration: V136 Load tags
-- Version: 136
-- Created: 2026-10-23
-- Description: Two emoji that an old collation takes for the same one.

INSERT INTO tag (word) VALUES ('🍵'), ('🫖'), ('new'), ('New'), ('手作り');
INSERT INTO product_tag (product, tag) SELECT p.id, t.id FROM product p JOIN tag t ON t.word = '手作り' WHERE p.sku LIKE 'POT-%';
