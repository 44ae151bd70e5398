-- Migration: V105 Create category table
-- Version: 105
-- Created: 2026-09-07
-- Description: A tree: a category may have one above it.

CREATE TABLE category (
    id      int unsigned NOT NULL AUTO_INCREMENT,
    parent  int unsigned NULL,
    name    varchar(80) NOT NULL,
    PRIMARY KEY (id),
    UNIQUE KEY category_name (parent, name),
    CONSTRAINT category_is_below FOREIGN KEY (parent) REFERENCES category (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;
