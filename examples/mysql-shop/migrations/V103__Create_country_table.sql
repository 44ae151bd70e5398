-- Migration: V103 Create country table
-- Version: 103
-- Created: 2026-09-04
-- Description: Countries that we send to.

CREATE TABLE country (
    code      char(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'ISO 3166-1',
    name      varchar(80) NOT NULL,
    currency  char(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    PRIMARY KEY (code),
    CONSTRAINT country_pays_in FOREIGN KEY (currency) REFERENCES currency (code)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;
INSERT INTO country (code, name, currency) VALUES
    ('DE', 'Deutschland', 'EUR'), ('FI', 'Suomi', 'EUR'), ('JP', '日本', 'JPY'),
    ('KR', '대한민국', 'KRW'), ('CH', 'Schweiz / Suisse / Svizzera', 'CHF');
