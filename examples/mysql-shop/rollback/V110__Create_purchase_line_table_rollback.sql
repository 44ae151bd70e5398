-- Rollback: V110 Create purchase line table
-- Version: 110
-- Created: 2026-09-14
-- Description: Takes back V110.

DROP TABLE purchase_line;
