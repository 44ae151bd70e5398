-- Migration: V109 Create purchase table
-- Version: 109
-- Created: 2026-09-13
-- Description: Seven days later it is late: the database computes that day.

CREATE TABLE purchase (
    id         bigint unsigned NOT NULL AUTO_INCREMENT,
    customer   bigint unsigned NOT NULL,
    placed_on  date NOT NULL,
    due_on     date GENERATED ALWAYS AS (placed_on + INTERVAL 7 DAY) STORED,
    state      enum('placed', 'paid', 'sent', 'returned') NOT NULL DEFAULT 'placed',
    PRIMARY KEY (id),
    KEY purchase_by_due_day (state, due_on),
    CONSTRAINT purchase_is_of FOREIGN KEY (customer) REFERENCES customer (id)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4 COLLATE = utf8mb4_unicode_ci;
