-- Rollback: V1.34.0 Add tenant policies
-- Version: 1.34.0
-- Created: 2026-10-06
-- Description: Takes back V1.34.0.

DROP POLICY customer_write_own_tenant ON shop.customer;
DROP POLICY customer_own_tenant ON shop.customer;
ALTER TABLE shop.customer DISABLE ROW LEVEL SECURITY;
DROP FUNCTION ops.current_tenant();
