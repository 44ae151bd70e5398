-- Rollback: V1.28.0 Index purchases online
-- Version: 1.28.0
-- Created: 2026-09-30
-- Description: Takes back V1.28.0.
-- dbvc: no-transaction
-- dbvc: lock-timeout=5s

DROP INDEX CONCURRENTLY IF EXISTS shop.purchase_ordered_month;
DROP INDEX CONCURRENTLY IF EXISTS shop.purchase_line_product;
