-- Migration: V127 Add e mail to customer
-- Version: 127
-- Created: 2026-10-10
-- Description: Folded to small letters by the database, so that it is unique in any spelling.

ALTER TABLE customer
    ADD COLUMN email varchar(190) NULL AFTER name,
    ADD COLUMN email_key varchar(190) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin
        GENERATED ALWAYS AS (LOWER(email)) STORED AFTER email,
    ADD UNIQUE KEY customer_email (email_key);
