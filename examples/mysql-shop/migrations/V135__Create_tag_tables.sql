-- Migration: V135 Create tag tables
-- Version: 135
-- Created: 2026-10-22
-- Description: Many to many.

CREATE TABLE tag (
    id    int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
    word  varchar(40) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL UNIQUE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
CREATE TABLE product_tag (
    product  bigint unsigned NOT NULL,
    tag      int unsigned NOT NULL,
    PRIMARY KEY (product, tag),
    CONSTRAINT product_tag_is_on FOREIGN KEY (product) REFERENCES product (id) ON DELETE CASCADE,
    CONSTRAINT product_tag_is FOREIGN KEY (tag) REFERENCES tag (id) ON DELETE CASCADE
) ENGINE = InnoDB;
