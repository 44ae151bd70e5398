-- Migration: V1.15.0 Create purchase links
-- Version: 1.15.0
-- Created: 2026-09-17
-- Description: Who bought, and what was bought.

CREATE TABLE vault.purchase_customer_l (
    link_hk        char(32) PRIMARY KEY,
    purchase_hk    char(32) NOT NULL REFERENCES vault.purchase_h (purchase_hk),
    customer_hk    char(32) NOT NULL REFERENCES vault.customer_h (customer_hk),
    load_ts        timestamptz NOT NULL DEFAULT now(),
    record_source  text NOT NULL,
    UNIQUE (purchase_hk, customer_hk)
);

CREATE TABLE vault.purchase_product_l (
    link_hk        char(32) PRIMARY KEY,
    purchase_hk    char(32) NOT NULL REFERENCES vault.purchase_h (purchase_hk),
    product_hk     char(32) NOT NULL REFERENCES vault.product_h (product_hk),
    line_no        smallint NOT NULL,
    load_ts        timestamptz NOT NULL DEFAULT now(),
    record_source  text NOT NULL,
    UNIQUE (purchase_hk, product_hk, line_no)
);

CREATE TABLE vault.purchase_product_s (
    link_hk        char(32) NOT NULL REFERENCES vault.purchase_product_l (link_hk),
    load_ts        timestamptz NOT NULL DEFAULT now(),
    quantity       integer NOT NULL,
    price          ref.amount NOT NULL,
    PRIMARY KEY (link_hk, load_ts)
);
