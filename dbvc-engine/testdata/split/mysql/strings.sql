SELECT '\'', '\\', "a\"b", 'it''s \"x\"', "it's", N'a\'b', _utf8mb4'c\'d', x'41', b'01';
SELECT 2;