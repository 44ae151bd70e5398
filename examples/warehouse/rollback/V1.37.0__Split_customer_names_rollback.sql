-- Rollback: V1.37.0 Split customer names
-- Version: 1.37.0
-- Created: 2026-10-09
-- Description: Takes back V1.37.0.

ALTER TABLE shop.customer DROP COLUMN family_name, DROP COLUMN given_name;
