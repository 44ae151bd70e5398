-- Migration: V106 Create product table
-- Version: 106
-- Created: 2026-09-08
-- Description: Prices are whole numbers of the smallest coin.

CREATE TABLE product (
    id        bigint unsigned NOT NULL AUTO_INCREMENT,
    sku       varchar(24) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
    name      varchar(120) NOT NULL,
    category  int unsigned NOT NULL,
    price     int unsigned NOT NULL,
    currency  char(3) CHARACTER SET ascii COLLATE ascii_bin NOT NULL DEFAULT 'EUR',
    PRIMARY KEY (id),
    UNIQUE KEY product_sku (sku),
    CONSTRAINT product_is_in FOREIGN KEY (category) REFERENCES category (id),
    CONSTRAINT product_costs FOREIGN KEY (currency) REFERENCES currency (code),
    CONSTRAINT product_is_not_free CHECK (price > 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;
