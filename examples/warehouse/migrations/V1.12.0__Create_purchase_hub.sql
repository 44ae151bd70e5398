-- Migration: V1.12.0 Create purchase hub
-- Version: 1.12.0
-- Created: 2026-09-14
-- Description: The purchase number is the business key.

CREATE TABLE vault.purchase_h (
    purchase_hk      char(32) NOT NULL,
    purchase_bk      text NOT NULL,
    load_ts        timestamptz NOT NULL DEFAULT now(),
    record_source  text NOT NULL,
    CONSTRAINT purchase_h_pk PRIMARY KEY (purchase_hk),
    CONSTRAINT purchase_h_bk UNIQUE (purchase_bk),
    CONSTRAINT purchase_h_key_fits CHECK (purchase_hk = vault.hash_key(purchase_bk))
);

COMMENT ON TABLE vault.purchase_h IS 'Hub: every purchase ever seen; never changed, never deleted';
