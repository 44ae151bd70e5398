-- Migration: V1.28.0 Index purchases online
-- Version: 1.28.0
-- Created: 2026-09-30
-- Description: Two indexes on busy tables, built without blocking writers.
-- dbvc: no-transaction
-- dbvc: lock-timeout=5s

CREATE INDEX CONCURRENTLY IF NOT EXISTS purchase_line_product ON shop.purchase_line (product_id) INCLUDE (quantity);

CREATE INDEX CONCURRENTLY IF NOT EXISTS purchase_ordered_month
    ON shop.purchase (date_trunc('month', ordered_on::timestamp)) WHERE state <> 'basket';
