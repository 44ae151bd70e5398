-- Rollback: V1.24.0 Add vault loading
-- Version: 1.24.0
-- Created: 2026-09-26
-- Description: Takes back V1.24.0.

DROP FUNCTION vault.customer_count();
DROP PROCEDURE vault.load_customers(text);
DROP FUNCTION vault.price_band(numeric);
