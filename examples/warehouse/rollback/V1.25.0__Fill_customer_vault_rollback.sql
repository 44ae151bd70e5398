-- Rollback: V1.25.0 Fill customer vault
-- Version: 1.25.0
-- Created: 2026-09-27
-- Description: Takes back V1.25.0.

TRUNCATE vault.customer_profile_s, vault.customer_address_s;
DELETE FROM vault.customer_h;
DELETE FROM ops.load_run WHERE source = 'shop.customer';
ALTER TABLE ops.load_run ALTER COLUMN load_id RESTART;
