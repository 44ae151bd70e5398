-- Rollback: V199 Create invoice table
-- Version: 199
-- Created: 2026-11-20
-- Description: Takes back V199.

DROP PROCEDURE issue_invoices;
DROP VIEW invoice_by_month;
DROP TABLE invoice;
