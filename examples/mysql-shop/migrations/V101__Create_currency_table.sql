-- Migration: V101 Create currency table
-- Version: 101
-- Created: 2026-09-01
-- Description: Money is counted in the smallest coin; `digits` says how many there are to the unit.

CREATE TABLE currency (
    code    char(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL COMMENT 'ISO 4217',
    name    varchar(60) NOT NULL,
    sign    varchar(4) NOT NULL,
    digits  tinyint unsigned NOT NULL DEFAULT 2,
    PRIMARY KEY (code)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci COMMENT = 'What prices are in';
