-- Migration: V126 Close months
-- Version: 126
-- Created: 2026-10-08
-- Description: An event with a body.

CREATE TABLE month_end (
    month      date NOT NULL PRIMARY KEY,
    purchases  int unsigned NOT NULL,
    total      bigint unsigned NOT NULL
) ENGINE = InnoDB;
CREATE EVENT close_months ON SCHEDULE EVERY 1 MONTH STARTS '2026-12-01 00:10:00' DISABLE DO
BEGIN
    DECLARE this_month date DEFAULT DATE_FORMAT(CURRENT_DATE - INTERVAL 1 MONTH, '%Y-%m-01');
    REPLACE INTO month_end (month, purchases, total)
    SELECT this_month, COUNT(DISTINCT p.id), COALESCE(SUM(l.total), 0)
      FROM purchase p JOIN purchase_line l ON l.purchase = p.id
     WHERE p.placed_on >= this_month AND p.placed_on < this_month + INTERVAL 1 MONTH;
END;
