-- Migration: V140 Hide what only one server knows
-- Version: 140
-- Created: 2026-10-29
-- Description: A comment with a version in it is code for the server that has it, and a comment for the other.

CREATE TABLE voucher (
    id      int unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
    code    varchar(30) CHARACTER SET ascii NOT NULL,
    secret  varchar(60) CHARACTER SET ascii NOT NULL DEFAULT 'none' /*!80023 INVISIBLE */ /*M!100303 INVISIBLE */
) ENGINE = InnoDB;
/*!50003 CREATE INDEX voucher_by_code ON voucher (code) */;
