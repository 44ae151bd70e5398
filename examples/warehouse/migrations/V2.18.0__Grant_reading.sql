-- Migration: V2.18.0 Grant reading
-- Version: 2.18.0
-- Created: 2026-10-31
-- Description: Everybody may read the marts and the reference data, also what is made there later.

GRANT USAGE ON SCHEMA mart, ref TO PUBLIC;
GRANT SELECT ON ALL TABLES IN SCHEMA mart, ref TO PUBLIC;
ALTER DEFAULT PRIVILEGES IN SCHEMA mart, ref GRANT SELECT ON TABLES TO PUBLIC;
REVOKE EXECUTE ON PROCEDURE mart.refresh_customer_value() FROM PUBLIC;
