-- Migration: V122 Create stock tables
-- Version: 122
-- Created: 2026-10-02
-- Description: Two tables that belong together, in one script.

CREATE TABLE warehouse (
    id    smallint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
    name  varchar(60) NOT NULL UNIQUE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;
CREATE TABLE stock (
    warehouse  smallint unsigned NOT NULL,
    product    bigint unsigned NOT NULL,
    pieces     int NOT NULL DEFAULT 0,
    PRIMARY KEY (warehouse, product),
    CONSTRAINT stock_is_at FOREIGN KEY (warehouse) REFERENCES warehouse (id),
    CONSTRAINT stock_is_of FOREIGN KEY (product) REFERENCES product (id),
    CONSTRAINT stock_is_there CHECK (pieces >= 0)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
INSERT INTO warehouse (id, name) VALUES (1, 'Helsinki'), (2, '京都');
INSERT INTO stock (warehouse, product, pieces) SELECT w.id, p.id, 10 * w.id FROM warehouse w CROSS JOIN product p;
