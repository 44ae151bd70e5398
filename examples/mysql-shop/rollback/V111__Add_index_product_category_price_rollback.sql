-- Rollback: V111 Add index product category price
-- Version: 111
-- Created: 2026-09-16
-- Description: Takes back V111.

-- The foreign key needs an index on `category`, and here it would lose its only one: it gets its own back first.
CREATE INDEX product_is_in ON product (category);
DROP INDEX product_by_category_and_price ON product;
