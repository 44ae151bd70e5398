-- Migration: V114 Create price history table
-- Version: 114
-- Created: 2026-09-20
-- Description: Filled by the trigger of the next migration.

CREATE TABLE price_history (
    id          bigint unsigned NOT NULL AUTO_INCREMENT PRIMARY KEY,
    product     bigint unsigned NOT NULL,
    old_price   int unsigned NOT NULL,
    new_price   int unsigned NOT NULL,
    changed_at  timestamp(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
    KEY price_history_by_product (product, changed_at),
    CONSTRAINT price_history_is_of FOREIGN KEY (product) REFERENCES product (id) ON DELETE CASCADE
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4;
