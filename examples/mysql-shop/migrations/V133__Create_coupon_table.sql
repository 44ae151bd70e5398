-- Migration: V133 Create coupon table
-- Version: 133
-- Created: 2026-10-19
-- Description: A code is valid for some days; the days must make sense.

CREATE TABLE coupon (
    code        varchar(20) CHARACTER SET ascii COLLATE ascii_bin NOT NULL PRIMARY KEY,
    percent     tinyint unsigned NOT NULL,
    valid_from  date NOT NULL,
    valid_to    date NOT NULL,
    CONSTRAINT coupon_is_a_part CHECK (percent BETWEEN 1 AND 90),
    CONSTRAINT coupon_ends_later CHECK (valid_to >= valid_from)
) ENGINE = InnoDB;
ALTER TABLE purchase
    ADD COLUMN coupon varchar(20) CHARACTER SET ascii COLLATE ascii_bin NULL,
    ADD CONSTRAINT purchase_has_coupon FOREIGN KEY (coupon) REFERENCES coupon (code);
