-- Migration: V1.10.0 Create customer hub
-- Version: 1.10.0
-- Created: 2026-09-12
-- Description: The customer number is the business key.

CREATE TABLE vault.customer_h (
    customer_hk      char(32) NOT NULL,
    customer_bk      text NOT NULL,
    load_ts        timestamptz NOT NULL DEFAULT now(),
    record_source  text NOT NULL,
    CONSTRAINT customer_h_pk PRIMARY KEY (customer_hk),
    CONSTRAINT customer_h_bk UNIQUE (customer_bk),
    CONSTRAINT customer_h_key_fits CHECK (customer_hk = vault.hash_key(customer_bk))
);

COMMENT ON TABLE vault.customer_h IS 'Hub: every customer ever seen; never changed, never deleted';
