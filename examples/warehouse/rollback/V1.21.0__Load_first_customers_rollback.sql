-- Rollback: V1.21.0 Load first customers
-- Version: 1.21.0
-- Created: 2026-09-23
-- Description: Takes back V1.21.0.

DELETE FROM shop.customer WHERE customer_no BETWEEN 'C-0001' AND 'C-0008';
ALTER TABLE shop.customer ALTER COLUMN customer_id RESTART;
