-- Migration: V110 Create purchase line table
-- Version: 110
-- Created: 2026-09-14
-- Description: What was bought; goes with its purchase.

CREATE TABLE purchase_line (
    purchase  bigint unsigned NOT NULL,
    line      smallint unsigned NOT NULL,
    product   bigint unsigned NOT NULL,
    quantity  smallint unsigned NOT NULL DEFAULT 1,
    price     int unsigned NOT NULL COMMENT 'For one, on the day of purchase',
    total     bigint unsigned GENERATED ALWAYS AS (quantity * price) VIRTUAL,
    PRIMARY KEY (purchase, line),
    CONSTRAINT purchase_line_is_in FOREIGN KEY (purchase) REFERENCES purchase (id) ON DELETE CASCADE,
    CONSTRAINT purchase_line_is_for FOREIGN KEY (product) REFERENCES product (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;
