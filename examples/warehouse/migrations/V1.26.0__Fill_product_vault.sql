-- Migration: V1.26.0 Fill product vault
-- Version: 1.26.0
-- Created: 2026-09-28
-- Description: First load of the product hub and its satellites, in one statement with three writes.

WITH hub AS (
    INSERT INTO vault.product_h (product_hk, product_bk, record_source)
    SELECT vault.hash_key(sku), sku, 'shop' FROM shop.product
    RETURNING product_hk, product_bk
), texts AS (
    INSERT INTO vault.product_text_s (product_hk, hash_diff, name, tags, record_source)
    SELECT hub.product_hk, vault.hash_diff(jsonb_build_object('n', p.name, 't', p.tags)), p.name, p.tags, 'shop'
      FROM hub JOIN shop.product AS p ON p.sku = hub.product_bk
    RETURNING product_hk
)
INSERT INTO vault.product_price_s (product_hk, hash_diff, price, currency_code, record_source)
SELECT hub.product_hk, vault.hash_key(p.price::text, p.currency_code), p.price, p.currency_code, 'shop'
  FROM hub JOIN shop.product AS p ON p.sku = hub.product_bk
  JOIN texts ON texts.product_hk = hub.product_hk;
