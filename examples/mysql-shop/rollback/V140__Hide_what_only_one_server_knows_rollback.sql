-- Rollback: V140 Hide what only one server knows
-- Version: 140
-- Created: 2026-10-29
-- Description: Takes back V140.

DROP TABLE voucher;
