-- Migration: V124 Create basket table
-- Version: 124
-- Created: 2026-10-05
-- Description: A document, and a column that the database reads out of it.

CREATE TABLE basket (
    id          char(36) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    content     json NOT NULL,
    currency    varchar(3) GENERATED ALWAYS AS (json_unquote(json_extract(content, '$.currency'))) STORED,
    touched_at  datetime NOT NULL DEFAULT CURRENT_TIMESTAMP ON UPDATE CURRENT_TIMESTAMP,
    KEY basket_by_age (touched_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
INSERT INTO basket (id, content, touched_at)
VALUES ('7d1f7a60-0000-4000-8000-000000000001', '{"currency": "EUR", "lines": [{"sku": "TEA-SEN-100; 🍵"}]}', '2026-11-01 10:00:00');
