-- Migration: V2.4.0 Add stock ledger
-- Version: 2.4.0
-- Created: 2026-10-17
-- Description: Stock as a ledger: what came in, what went out, and what is there.

CREATE SEQUENCE ops.stock_entry_number AS integer START WITH 10 INCREMENT BY 10 MAXVALUE 1000000 NO CYCLE;

CREATE TABLE shop.stock_entry (
    entry_no    integer PRIMARY KEY DEFAULT nextval('ops.stock_entry_number'),
    product_id  bigint NOT NULL REFERENCES shop.product (product_id),
    moved_on    date NOT NULL,
    quantity    integer NOT NULL CHECK (quantity <> 0),
    reason      text NOT NULL
);

CREATE VIEW shop.stock AS
SELECT product_id, moved_on, entry_no,
       sum(quantity) OVER product_so_far AS on_hand
  FROM shop.stock_entry
WINDOW product_so_far AS (PARTITION BY product_id ORDER BY moved_on, entry_no);

INSERT INTO shop.stock_entry (product_id, moved_on, quantity, reason)
SELECT product_id, date '2026-08-01', 500, 'count; first' FROM shop.product ORDER BY sku;
INSERT INTO shop.stock_entry (product_id, moved_on, quantity, reason)
SELECT l.product_id, p.ordered_on, -sum(l.quantity)::integer, 'sold'
  FROM shop.purchase AS p JOIN shop.purchase_line AS l USING (purchase_id)
 WHERE p.state = 'shipped' GROUP BY l.product_id, p.ordered_on ORDER BY 2, 1;
