-- Rollback: V1.26.0 Fill product vault
-- Version: 1.26.0
-- Created: 2026-09-28
-- Description: Takes back V1.26.0.

TRUNCATE vault.product_price_s, vault.product_text_s;
DELETE FROM vault.product_h;
