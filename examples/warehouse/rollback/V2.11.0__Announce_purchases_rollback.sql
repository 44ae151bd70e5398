-- Rollback: V2.11.0 Announce purchases
-- Version: 2.11.0
-- Created: 2026-10-24
-- Description: Takes back V2.11.0.

DROP TRIGGER purchase_announce ON shop.purchase;
DROP FUNCTION shop.announce_purchases();
