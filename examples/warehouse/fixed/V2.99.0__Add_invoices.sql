-- Migration: V2.99.0 Add invoices
-- Version: 2.99.0
-- Created: 2026-11-20
-- Description: Invoices for what was paid, and their sum by month.
-- dbvc: requires=2.0.0

CREATE TABLE mart.invoice (
    invoice_no   text PRIMARY KEY,
    purchase_no  text NOT NULL UNIQUE,
    customer_no  text NOT NULL REFERENCES mart.customer_dimension (customer_no),
    issued_on    date NOT NULL,
    total        numeric(14, 2) NOT NULL CHECK (total >= 0)
);

INSERT INTO mart.invoice (invoice_no, purchase_no, customer_no, issued_on, total)
SELECT 'I' || substr(purchase_no, 2), purchase_no, customer_no, min(sold_on), sum(revenue)
  FROM mart.sales_fact
 GROUP BY purchase_no, customer_no;

CREATE INDEX invoice_of_customer ON mart.invoice (customer_no, issued_on);

COMMENT ON TABLE mart.invoice IS 'One invoice for each paid purchase';

CREATE VIEW mart.invoice_by_month AS
SELECT date_trunc('month', issued_on)::date AS month, count(*) AS invoices, sum(total) AS total
  FROM mart.invoice
 GROUP BY 1;
