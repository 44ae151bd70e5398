-- Migration: V1.27.0 Fill purchase vault
-- Version: 1.27.0
-- Created: 2026-09-29
-- Description: First load of purchases and both links.

INSERT INTO vault.purchase_h (purchase_hk, purchase_bk, record_source)
SELECT vault.hash_key(purchase_no), purchase_no, 'shop' FROM shop.purchase WHERE state <> 'basket';

INSERT INTO vault.purchase_customer_l (link_hk, purchase_hk, customer_hk, record_source)
SELECT vault.hash_key(p.purchase_no, c.customer_no), h.purchase_hk, k.customer_hk, 'shop'
  FROM shop.purchase AS p
  JOIN shop.customer AS c USING (customer_id)
  JOIN vault.purchase_h AS h ON h.purchase_bk = p.purchase_no
  JOIN vault.customer_h AS k ON k.customer_bk = c.customer_no;

INSERT INTO vault.purchase_product_l (link_hk, purchase_hk, product_hk, line_no, record_source)
SELECT vault.hash_key(p.purchase_no, g.sku, l.line_no::text), h.purchase_hk, k.product_hk, l.line_no, 'shop'
  FROM shop.purchase AS p
  JOIN shop.purchase_line AS l USING (purchase_id)
  JOIN shop.product AS g USING (product_id)
  JOIN vault.purchase_h AS h ON h.purchase_bk = p.purchase_no
  JOIN vault.product_h AS k ON k.product_bk = g.sku;

INSERT INTO vault.purchase_product_s (link_hk, quantity, price)
SELECT vault.hash_key(p.purchase_no, g.sku, l.line_no::text), l.quantity, l.price
  FROM shop.purchase AS p
  JOIN shop.purchase_line AS l USING (purchase_id)
  JOIN shop.product AS g USING (product_id)
 WHERE p.state <> 'basket';
