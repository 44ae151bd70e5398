-- Migration: V107 Load categories
-- Version: 107
-- Created: 2026-09-10
-- Description: Parents before children.

INSERT INTO category (id, parent, name) VALUES (1, NULL, 'Tea 🍵'), (2, NULL, 'Ceramics'), (3, NULL, '茶道具');
INSERT INTO category (id, parent, name) VALUES (4, 1, 'Green'), (5, 1, 'Black'), (6, 2, 'Cups'), (7, 2, 'Pots');
