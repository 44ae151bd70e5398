-- Rollback: V106 Create product table
-- Version: 106
-- Created: 2026-09-08
-- Description: Takes back V106.

DROP TABLE product;
