-- Rollback: V1.27.0 Fill purchase vault
-- Version: 1.27.0
-- Created: 2026-09-29
-- Description: Takes back V1.27.0.

TRUNCATE vault.purchase_product_s, vault.purchase_product_l, vault.purchase_customer_l, vault.purchase_h;
