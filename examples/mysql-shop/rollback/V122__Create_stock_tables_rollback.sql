-- Rollback: V122 Create stock tables
-- Version: 122
-- Created: 2026-10-02
-- Description: Takes back V122.

DROP TABLE stock;
DROP TABLE warehouse;
