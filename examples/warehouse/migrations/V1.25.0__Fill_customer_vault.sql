-- Migration: V1.25.0 Fill customer vault
-- Version: 1.25.0
-- Created: 2026-09-27
-- Description: First load of the customer hub and its satellites.

DO $$
DECLARE
    load bigint := ops.start_load('shop.customer');
BEGIN
    CALL vault.load_customers('shop; first load');
    CALL ops.end_load(load, vault.customer_count());
END $$;
