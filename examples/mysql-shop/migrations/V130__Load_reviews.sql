-- Migration: V130 Load reviews
-- Version: 130
-- Created: 2026-10-14
-- Description: 🍵 counts as one character of four bytes.

INSERT INTO review (product, customer, stars, words)
SELECT p.id, c.id, 5, '🍵🍵🍵🍵🍵' FROM product p JOIN customer c ON c.login = 'minji' WHERE p.sku = 'CUP-YUN-001';
INSERT INTO review (product, customer, stars, words)
SELECT p.id, c.id, 4, '注ぎやすい。蓋が少し重い; でも良い' FROM product p JOIN customer c ON c.login = 'kenji' WHERE p.sku = 'POT-KYU-001';
