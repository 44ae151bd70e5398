-- Migration: V2.5.0 Add supplier vault
-- Version: 2.5.0
-- Created: 2026-10-18
-- Description: Suppliers arrive: a hub, a satellite and a link with a period.
-- dbvc: requires=1.14.0

CREATE TABLE vault.supplier_h (
    supplier_hk    char(32) PRIMARY KEY,
    supplier_bk    text NOT NULL UNIQUE,
    load_ts        timestamptz NOT NULL DEFAULT now(),
    record_source  text NOT NULL
);
CREATE TABLE vault.supplier_s (
    supplier_hk    char(32) NOT NULL REFERENCES vault.supplier_h (supplier_hk),
    load_ts        timestamptz NOT NULL DEFAULT now(),
    name           text NOT NULL,
    rating         numeric(3, 2) CHECK (rating BETWEEN 0 AND 5),
    PRIMARY KEY (supplier_hk, load_ts)
);
CREATE TABLE vault.supplier_product_l (
    supplier_hk    char(32) NOT NULL REFERENCES vault.supplier_h (supplier_hk),
    product_hk     char(32) NOT NULL REFERENCES vault.product_h (product_hk),
    delivers       tstzrange NOT NULL DEFAULT tstzrange(now(), NULL),
    load_ts        timestamptz NOT NULL DEFAULT now(),
    PRIMARY KEY (supplier_hk, product_hk),
    CHECK (lower(delivers) IS NOT NULL)
);

INSERT INTO vault.supplier_h (supplier_hk, supplier_bk, record_source)
SELECT vault.hash_key(bk), bk, 'letters; typed in' FROM (VALUES ('S-HERON'), ('S-PAPIER'), ('S-インク')) AS s (bk);
INSERT INTO vault.supplier_s (supplier_hk, name, rating)
SELECT supplier_hk, initcap(substr(supplier_bk, 3)), 4.5 FROM vault.supplier_h;
