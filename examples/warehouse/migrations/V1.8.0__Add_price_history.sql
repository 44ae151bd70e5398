-- Migration: V1.8.0 Add price history
-- Version: 1.8.0
-- Created: 2026-09-10
-- Description: A product has one price at a time; overlapping periods are refused.

CREATE TABLE shop.price_history (
    product_id  integer NOT NULL,
    valid       daterange NOT NULL CHECK (NOT isempty(valid)),
    price       ref.amount NOT NULL,
    -- A one-number range makes "the same product" fit for gist without an extension.
    CONSTRAINT price_history_no_overlap
        EXCLUDE USING gist (int4range(product_id, product_id, '[]') WITH &&, valid WITH &&)
);

CREATE INDEX price_history_current ON shop.price_history (product_id) WHERE upper_inf(valid);
