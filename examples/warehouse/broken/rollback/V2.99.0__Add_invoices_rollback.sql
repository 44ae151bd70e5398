-- Rollback: V2.99.0 Add invoices
-- Version: 2.99.0
-- Created: 2026-11-20
-- Description: Takes back V2.99.0.

DROP VIEW mart.invoice_by_month;
DROP TABLE mart.invoice;
