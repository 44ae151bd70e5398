-- Migration: V129 Create review table
-- Version: 129
-- Created: 2026-10-13
-- Description: Stars from one to five, and a text that may be nothing but emoji.

CREATE TABLE review (
    product   bigint unsigned NOT NULL,
    customer  bigint unsigned NOT NULL,
    stars     tinyint unsigned NOT NULL,
    words     varchar(500) NOT NULL DEFAULT '',
    PRIMARY KEY (product, customer),
    FULLTEXT KEY review_words (words),
    CONSTRAINT review_is_of FOREIGN KEY (product) REFERENCES product (id) ON DELETE CASCADE,
    CONSTRAINT review_is_by FOREIGN KEY (customer) REFERENCES customer (id) ON DELETE CASCADE,
    CONSTRAINT review_has_stars CHECK (stars BETWEEN 1 AND 5)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;
