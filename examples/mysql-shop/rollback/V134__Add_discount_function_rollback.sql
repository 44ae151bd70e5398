-- Rollback: V134 Add discount function
-- Version: 134
-- Created: 2026-10-20
-- Description: Takes back V134.

DROP FUNCTION discounted;
