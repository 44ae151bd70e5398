-- Migration: V1.31.0 Create sales facts
-- Version: 1.31.0
-- Created: 2026-10-03
-- Description: Sales by quarter partitions, and a function that adds the next one.

CREATE TABLE mart.sales_fact (
    sold_on      date NOT NULL,
    purchase_no  text NOT NULL,
    line_no      smallint NOT NULL,
    customer_no  text NOT NULL,
    sku          text NOT NULL,
    quantity     integer NOT NULL,
    revenue      numeric(14, 2) NOT NULL,
    PRIMARY KEY (sold_on, purchase_no, line_no)
) PARTITION BY RANGE (sold_on);

CREATE FUNCTION mart.add_sales_quarter(first_day date) RETURNS text LANGUAGE plpgsql AS $fn$
DECLARE
    name text := to_char(first_day, '"sales_fact_"YYYY"_q"Q');
BEGIN
    IF first_day <> date_trunc('quarter', first_day)::date THEN
        RAISE EXCEPTION USING MESSAGE = format('%s is not the first day of a quarter; nothing done', first_day);
    END IF;
    EXECUTE format($ddl$CREATE TABLE mart.%I PARTITION OF mart.sales_fact FOR VALUES FROM (%L) TO (%L);$ddl$,
                   name, first_day, (first_day + interval '3 months')::date);
    RETURN name;
END;
$fn$;

SELECT mart.add_sales_quarter(day) FROM unnest(ARRAY['2026-07-01', '2026-10-01']::date[]) AS day;

INSERT INTO mart.sales_fact (sold_on, purchase_no, line_no, customer_no, sku, quantity, revenue)
SELECT p.ordered_on, p.purchase_no, l.line_no, c.customer_no, g.sku, l.quantity, l.total
  FROM shop.purchase AS p
  JOIN shop.purchase_line AS l USING (purchase_id)
  JOIN shop.customer AS c USING (customer_id)
  JOIN shop.product AS g USING (product_id)
 WHERE p.state IN ('paid', 'shipped');
