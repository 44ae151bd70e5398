-- Migration: V1.7.0 Create shop purchases
-- Version: 1.7.0
-- Created: 2026-09-09
-- Description: Purchases and their lines; totals are computed by the database.

CREATE SEQUENCE shop.purchase_number START WITH 70001 INCREMENT BY 1 CACHE 1;

CREATE TABLE shop.purchase (
    purchase_id   bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    purchase_no   text NOT NULL DEFAULT ('P' || nextval('shop.purchase_number')) UNIQUE,
    customer_id   bigint NOT NULL REFERENCES shop.customer (customer_id),
    state         ref.purchase_state NOT NULL DEFAULT 'basket',
    ordered_on    date,
    ship_to       ref.postal_address,
    "when; why"   text,  -- a name from the old shop, semicolon and all
    CONSTRAINT purchase_date_from_order_on CHECK (state = 'basket' OR ordered_on IS NOT NULL)
);
ALTER SEQUENCE shop.purchase_number OWNED BY shop.purchase.purchase_no;

CREATE TABLE shop.purchase_line (
    purchase_id  bigint NOT NULL REFERENCES shop.purchase (purchase_id) ON DELETE CASCADE,
    line_no      smallint NOT NULL CHECK (line_no > 0),
    product_id   bigint NOT NULL REFERENCES shop.product (product_id),
    quantity     integer NOT NULL CHECK (quantity > 0),
    price        ref.amount NOT NULL,
    total        numeric GENERATED ALWAYS AS (quantity * price) STORED,
    PRIMARY KEY (purchase_id, line_no)
);

CREATE INDEX purchase_open ON shop.purchase (customer_id) WHERE state IN ('basket', 'ordered');
