-- Migration: V1.23.0 Load first purchases
-- Version: 1.23.0
-- Created: 2026-09-25
-- Description: Forty purchases, made by a DO block so that the numbers are the same each time.

DO $do$
DECLARE
    i         integer;
    buyer     bigint;
    purchase  bigint;
BEGIN
    FOR i IN 1..40 LOOP
        SELECT customer_id INTO STRICT buyer FROM shop.customer WHERE customer_no = format('C-000%s', i % 8 + 1);
        INSERT INTO shop.purchase (customer_id, state, ordered_on, "when; why")
        VALUES (buyer,
                (CASE i % 4 WHEN 0 THEN 'shipped' WHEN 1 THEN 'paid' WHEN 2 THEN 'ordered' ELSE 'basket' END)::ref.purchase_state,
                date '2026-08-20' + i * 2,
                CASE WHEN i % 10 = 0 THEN $note$a gift; don't say$note$ END)
        RETURNING purchase_id INTO purchase;

        INSERT INTO shop.purchase_line (purchase_id, line_no, product_id, quantity, price)
        SELECT purchase, row_number() OVER (ORDER BY sku), product_id, 1 + i % 3, price
          FROM shop.product
         WHERE (ascii(right(sku, 1)) + i) % 2 = 0;
    END LOOP;
END
$do$;

INSERT INTO shop.price_history (product_id, valid, price)
SELECT product_id, daterange('2026-01-01', '2026-07-01'), round(price * 0.95, 2) FROM shop.product
UNION ALL
SELECT product_id, daterange('2026-07-01', NULL), price FROM shop.product;
