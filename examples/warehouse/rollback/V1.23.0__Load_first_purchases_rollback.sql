-- Rollback: V1.23.0 Load first purchases
-- Version: 1.23.0
-- Created: 2026-09-25
-- Description: Takes back V1.23.0.

DELETE FROM shop.price_history;
DELETE FROM shop.purchase;  -- its lines go with it
ALTER TABLE shop.purchase ALTER COLUMN purchase_id RESTART;
ALTER SEQUENCE shop.purchase_number RESTART;
