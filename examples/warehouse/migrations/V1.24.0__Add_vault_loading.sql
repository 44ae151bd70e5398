-- Migration: V1.24.0 Add vault loading
-- Version: 1.24.0
-- Created: 2026-09-26
-- Description: Loads the vault from the shop; bodies that the server parses (BEGIN ATOMIC).

CREATE FUNCTION vault.price_band(amount numeric) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
BEGIN ATOMIC
    SELECT CASE
        WHEN amount < 5 THEN 'small; change'
        WHEN amount < 20 THEN 'everyday'
        ELSE CASE WHEN amount < 100 THEN 'treat' ELSE 'luxury' END
    END;
END;

CREATE PROCEDURE vault.load_customers(source text)
    LANGUAGE sql
BEGIN ATOMIC
    INSERT INTO vault.customer_h (customer_hk, customer_bk, record_source)
    SELECT vault.hash_key(c.customer_no), c.customer_no, source
      FROM shop.customer AS c
        ON CONFLICT (customer_hk) DO NOTHING;

    INSERT INTO vault.customer_profile_s (customer_hk, hash_diff, full_name, email, record_source)
    SELECT h.customer_hk, d.diff, c.full_name, c.email, source
      FROM shop.customer AS c
      JOIN vault.customer_h AS h ON h.customer_bk = c.customer_no
     CROSS JOIN LATERAL (SELECT vault.hash_diff(jsonb_build_object('n', c.full_name, 'e', c.email)) AS diff) AS d
     WHERE NOT EXISTS (SELECT FROM vault.customer_profile_s AS s WHERE s.customer_hk = h.customer_hk AND s.hash_diff = d.diff);

    INSERT INTO vault.customer_address_s (customer_hk, hash_diff, address, country_code, record_source)
    SELECT h.customer_hk, d.diff, c.address, c.country_code, source
      FROM shop.customer AS c
      JOIN vault.customer_h AS h ON h.customer_bk = c.customer_no
     CROSS JOIN LATERAL (SELECT vault.hash_diff(jsonb_build_object('a', c.address, 'c', c.country_code)) AS diff) AS d
     WHERE NOT EXISTS (SELECT FROM vault.customer_address_s AS s WHERE s.customer_hk = h.customer_hk AND s.hash_diff = d.diff);
END;

CREATE FUNCTION vault.customer_count() RETURNS bigint LANGUAGE sql STABLE
RETURN (SELECT count(*) FROM vault.customer_h);
