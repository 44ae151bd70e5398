-- Migration: V112 Add search to product
-- Version: 112
-- Created: 2026-09-17
-- Description: Words are found in any language: the index takes pairs of letters where a language has no spaces.

ALTER TABLE product ADD COLUMN about text NULL COMMENT 'What the page says' AFTER name;
CREATE FULLTEXT INDEX product_text ON product (name, about);
