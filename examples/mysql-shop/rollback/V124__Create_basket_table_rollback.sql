-- Rollback: V124 Create basket table
-- Version: 124
-- Created: 2026-10-05
-- Description: Takes back V124.

DROP TABLE basket;
