-- Rollback: V116 Add coin function
-- Version: 116
-- Created: 2026-09-23
-- Description: Takes back V116.

DROP FUNCTION in_words;
