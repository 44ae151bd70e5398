-- Migration: V1.13.0 Create customer satellites
-- Version: 1.13.0
-- Created: 2026-09-15
-- Description: What describes a customer: profile and address change at different speeds.

CREATE TABLE vault.customer_profile_s (
    customer_hk    char(32) NOT NULL REFERENCES vault.customer_h (customer_hk),
    load_ts        timestamptz NOT NULL DEFAULT now(),
    hash_diff      char(32) NOT NULL,
    full_name      text,
    email          text,
    record_source  text NOT NULL,
    PRIMARY KEY (customer_hk, load_ts)
);

CREATE TABLE vault.customer_address_s (
    LIKE vault.customer_profile_s INCLUDING DEFAULTS
);
ALTER TABLE vault.customer_address_s
    DROP COLUMN full_name,
    DROP COLUMN email,
    ADD COLUMN address ref.postal_address,
    ADD COLUMN country_code char(2),
    ADD PRIMARY KEY (customer_hk, load_ts),
    ADD FOREIGN KEY (customer_hk) REFERENCES vault.customer_h (customer_hk);

COMMENT ON TABLE vault.customer_profile_s IS 'Satellite: one row for each change';
COMMENT ON TABLE vault.customer_address_s IS 'Satellite: one row for each move';
