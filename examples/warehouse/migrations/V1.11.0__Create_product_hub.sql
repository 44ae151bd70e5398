-- Migration: V1.11.0 Create product hub
-- Version: 1.11.0
-- Created: 2026-09-13
-- Description: The SKU is the business key.

CREATE TABLE vault.product_h (
    product_hk      char(32) NOT NULL,
    product_bk      text NOT NULL,
    load_ts        timestamptz NOT NULL DEFAULT now(),
    record_source  text NOT NULL,
    CONSTRAINT product_h_pk PRIMARY KEY (product_hk),
    CONSTRAINT product_h_bk UNIQUE (product_bk),
    CONSTRAINT product_h_key_fits CHECK (product_hk = vault.hash_key(product_bk))
);

COMMENT ON TABLE vault.product_h IS 'Hub: every product ever seen; never changed, never deleted';
