-- Rollback: V133 Create coupon table
-- Version: 133
-- Created: 2026-10-19
-- Description: Takes back V133.

ALTER TABLE purchase DROP FOREIGN KEY purchase_has_coupon;
ALTER TABLE purchase DROP KEY purchase_has_coupon, DROP COLUMN coupon;
DROP TABLE coupon;
