-- Rollback: V2.4.0 Add stock ledger
-- Version: 2.4.0
-- Created: 2026-10-17
-- Description: Takes back V2.4.0.

DROP VIEW shop.stock;
DROP TABLE shop.stock_entry;
DROP SEQUENCE ops.stock_entry_number;
