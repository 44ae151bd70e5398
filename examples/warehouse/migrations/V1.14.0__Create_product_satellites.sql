-- Migration: V1.14.0 Create product satellites
-- Version: 1.14.0
-- Created: 2026-09-16
-- Description: Names and prices of products over time.

CREATE TABLE vault.product_text_s (
    product_hk     char(32) NOT NULL REFERENCES vault.product_h (product_hk),
    load_ts        timestamptz NOT NULL DEFAULT now(),
    hash_diff      char(32) NOT NULL,
    name           text NOT NULL,
    tags           text[] NOT NULL DEFAULT ARRAY['none']::text[],
    record_source  text NOT NULL,
    PRIMARY KEY (product_hk, load_ts)
);

CREATE TABLE vault.product_price_s (
    product_hk     char(32) NOT NULL REFERENCES vault.product_h (product_hk),
    load_ts        timestamptz NOT NULL DEFAULT now(),
    hash_diff      char(32) NOT NULL,
    price          ref.amount NOT NULL,
    currency_code  ref.currency_code NOT NULL,
    record_source  text NOT NULL,
    PRIMARY KEY (product_hk, load_ts)
);

-- The newest row of a product is asked for most; it is found with one index step.
CREATE INDEX product_price_s_newest ON vault.product_price_s (product_hk, load_ts DESC) INCLUDE (price, currency_code);
