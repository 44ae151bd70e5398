-- Rollback: V114 Create price history table
-- Version: 114
-- Created: 2026-09-20
-- Description: Takes back V114.

DROP TABLE price_history;
