-- Rollback: V2.20.0 Archive old baskets
-- Version: 2.20.0
-- Created: 2026-11-02
-- Description: Takes back V2.20.0.

ALTER TABLE shop.purchase DISABLE TRIGGER purchase_announce;
INSERT INTO shop.purchase OVERRIDING SYSTEM VALUE
SELECT b.* FROM ops.basket_archive AS a, jsonb_populate_record(NULL::shop.purchase, a.basket) AS b;
ALTER TABLE shop.purchase ENABLE TRIGGER purchase_announce;

INSERT INTO shop.purchase_line (purchase_id, line_no, product_id, quantity, price)
SELECT l.purchase_id, l.line_no, l.product_id, l.quantity, l.price
  FROM ops.basket_archive AS a, jsonb_populate_recordset(NULL::shop.purchase_line, a.lines) AS l;

DROP TABLE ops.basket_archive;
