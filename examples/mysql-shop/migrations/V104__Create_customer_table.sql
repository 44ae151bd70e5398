-- Migration: V104 Create customer table
-- Version: 104
-- Created: 2026-09-05
-- Description: The login is told apart by its bytes, the name as people sort it.

CREATE TABLE customer (
    id          bigint unsigned NOT NULL AUTO_INCREMENT,
    login       varchar(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
    name        varchar(120) NOT NULL COMMENT 'As the customer writes it; may hold emoji',
    country     char(2) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    created_at  datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6),
    changed_at  datetime(6) NOT NULL DEFAULT CURRENT_TIMESTAMP(6) ON UPDATE CURRENT_TIMESTAMP(6),
    PRIMARY KEY (id),
    UNIQUE KEY customer_login (login),
    KEY customer_by_country_and_name (country, name),
    CONSTRAINT customer_lives_in FOREIGN KEY (country) REFERENCES country (code)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;
