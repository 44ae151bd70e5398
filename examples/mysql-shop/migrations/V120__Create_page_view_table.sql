-- Migration: V120 Create page view table
-- Version: 120
-- Created: 2026-09-29
-- Description: One partition for each month; `rest` takes what comes later.

CREATE TABLE page_view (
    seen_at   datetime NOT NULL,
    id        bigint unsigned NOT NULL AUTO_INCREMENT,
    product   bigint unsigned NULL,
    referrer  varchar(400) CHARACTER SET ascii COLLATE ascii_general_ci NULL,
    PRIMARY KEY (id, seen_at),
    KEY page_view_by_product (product, seen_at)
) ENGINE = InnoDB DEFAULT CHARSET = utf8mb4
PARTITION BY RANGE (TO_DAYS(seen_at)) (
    PARTITION p2026_09 VALUES LESS THAN (TO_DAYS('2026-10-01')),
    PARTITION p2026_10 VALUES LESS THAN (TO_DAYS('2026-11-01')),
    PARTITION p2026_11 VALUES LESS THAN (TO_DAYS('2026-12-01')),
    PARTITION rest VALUES LESS THAN MAXVALUE
);
