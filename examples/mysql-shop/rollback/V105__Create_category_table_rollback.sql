-- Rollback: V105 Create category table
-- Version: 105
-- Created: 2026-09-07
-- Description: Takes back V105.

DROP TABLE category;
