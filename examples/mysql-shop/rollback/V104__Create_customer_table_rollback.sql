-- Rollback: V104 Create customer table
-- Version: 104
-- Created: 2026-09-05
-- Description: Takes back V104.

DROP TABLE customer;
