-- Rollback: V128 Migrate customer e mail data
-- Version: 128
-- Created: 2026-10-11
-- Description: Takes back V128.

UPDATE customer SET email = NULL WHERE id IN (1, 2, 3, 4);
