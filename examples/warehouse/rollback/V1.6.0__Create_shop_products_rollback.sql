-- Rollback: V1.6.0 Create shop products
-- Version: 1.6.0
-- Created: 2026-09-08
-- Description: Takes back V1.6.0.

DROP TABLE shop.product;
DROP TABLE shop.category;
