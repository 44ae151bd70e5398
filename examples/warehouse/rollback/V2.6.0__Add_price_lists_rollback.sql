-- Rollback: V2.6.0 Add price lists
-- Version: 2.6.0
-- Created: 2026-10-19
-- Description: Takes back V2.6.0.

DROP FUNCTION shop.price_list_schools();
DROP FUNCTION shop.price_list_friends();
DROP FUNCTION shop.make_price_list(text, numeric);
