-- Migration: V141 Analyze busy tables
-- Version: 141
-- Created: 2026-10-31
-- Description: Upkeep: nothing to undo, but it has to run.
-- dbvc: no-transaction lock-timeout=5s

ANALYZE TABLE product, purchase;
OPTIMIZE TABLE page_view;
