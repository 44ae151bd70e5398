-- Rollback: V101 Create currency table
-- Version: 101
-- Created: 2026-09-01
-- Description: Takes back V101.

DROP TABLE currency;
