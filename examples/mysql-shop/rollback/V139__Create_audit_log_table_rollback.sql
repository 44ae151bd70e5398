-- Rollback: V139 Create audit log table
-- Version: 139
-- Created: 2026-10-28
-- Description: Takes back V139.

DROP TRIGGER customer_is_forgotten;
DROP TABLE audit_log;
