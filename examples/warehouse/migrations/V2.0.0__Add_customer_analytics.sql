-- Migration: V2.0.0 Add customer analytics
-- Version: 2.0.0
-- Created: 2026-10-13
-- Description: Recency, frequency and value for each customer, kept by a procedure.
-- dbvc: requires=1.40.0

CREATE TABLE mart.customer_value (
    customer_no   text PRIMARY KEY REFERENCES mart.customer_dimension (customer_no),
    last_sale     date,
    sales         integer NOT NULL DEFAULT 0,
    revenue       numeric(14, 2) NOT NULL DEFAULT 0,
    band          text GENERATED ALWAYS AS (
        CASE WHEN revenue >= 300 THEN 'A' WHEN revenue >= 100 THEN 'B' ELSE 'C' END) STORED
);

CREATE PROCEDURE mart.refresh_customer_value() LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO mart.customer_value AS v (customer_no, last_sale, sales, revenue)
    SELECT customer_no, max(sold_on), count(DISTINCT purchase_no)::integer, sum(revenue)
      FROM mart.sales_fact
     GROUP BY customer_no
        ON CONFLICT (customer_no) DO UPDATE
       SET last_sale = EXCLUDED.last_sale, sales = EXCLUDED.sales, revenue = EXCLUDED.revenue
     WHERE (v.sales, v.revenue) IS DISTINCT FROM (EXCLUDED.sales, EXCLUDED.revenue);
END;

CALL mart.refresh_customer_value();
