-- Rollback: V1.18.0 Add touch triggers
-- Version: 1.18.0
-- Created: 2026-09-20
-- Description: Takes back V1.18.0.

DROP TRIGGER product_touch ON shop.product;
DROP TRIGGER customer_touch ON shop.customer;
DROP FUNCTION ops.touch();
