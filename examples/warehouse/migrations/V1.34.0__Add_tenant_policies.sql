-- Migration: V1.34.0 Add tenant policies
-- Version: 1.34.0
-- Created: 2026-10-06
-- Description: A brand sees its own customers; owners and loaders see all.

CREATE FUNCTION ops.current_tenant() RETURNS text LANGUAGE sql STABLE
    AS $$SELECT coalesce(nullif(current_setting('app.tenant', true), ''), '${tenant_default}')$$;

ALTER TABLE shop.customer ENABLE ROW LEVEL SECURITY;
CREATE POLICY customer_own_tenant ON shop.customer
    FOR SELECT TO PUBLIC USING (tenant = ops.current_tenant());
CREATE POLICY customer_write_own_tenant ON shop.customer AS RESTRICTIVE
    FOR UPDATE TO PUBLIC USING (true) WITH CHECK (tenant = ops.current_tenant());
COMMENT ON POLICY customer_own_tenant ON shop.customer IS 'SET app.tenant = ''...''; then read';
