-- Migration: V111 Add index product category price
-- Version: 111
-- Created: 2026-09-16
-- Description: Lists of a category are sorted by price.

CREATE INDEX product_by_category_and_price ON product (category, price);
