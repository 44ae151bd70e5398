-- Migration: V1.30.0 Create customer dimension
-- Version: 1.30.0
-- Created: 2026-10-02
-- Description: Customers as the analysts see them, with a view over the newest satellite rows.

CREATE VIEW vault.customer_now WITH (security_barrier = true) AS
SELECT DISTINCT ON (h.customer_hk)
       h.customer_hk, h.customer_bk, s.full_name, s.email, s.load_ts
  FROM vault.customer_h AS h
  JOIN vault.customer_profile_s AS s ON s.customer_hk = h.customer_hk
 ORDER BY h.customer_hk, s.load_ts DESC;

CREATE TABLE mart.customer_dimension (
    customer_key  bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    customer_no   text NOT NULL UNIQUE,
    full_name     text,
    country_code  char(2),
    first_seen    date NOT NULL
);

INSERT INTO mart.customer_dimension (customer_no, full_name, country_code, first_seen)
SELECT n.customer_bk, n.full_name, c.country_code, date '2026-08-20'
  FROM vault.customer_now AS n
  JOIN shop.customer AS c ON c.customer_no = n.customer_bk
 ORDER BY n.customer_bk;
