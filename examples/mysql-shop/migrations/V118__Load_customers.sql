-- Migration: V118 Load customers
-- Version: 118
-- Created: 2026-09-26
-- Description: Names as people write them.

INSERT INTO customer (id, login, name, country) VALUES
    (1, 'ann', 'Ann-Sofie Mäkinen', 'FI'),
    (2, 'kenji', '佐藤 健二', 'JP'),
    (3, 'minji', '김민지 🌸', 'KR'),
    (4, 'ines', 'Inès O''Hara', 'CH'),
    (5, 'Ann', 'Ann (another one) 👩‍🔬', 'DE');
