-- Rollback: V1.9.0 Add hash functions
-- Version: 1.9.0
-- Created: 2026-09-11
-- Description: Takes back V1.9.0.

DROP FUNCTION vault.hash_diff(jsonb);
DROP FUNCTION vault.hash_key(text[]);
