-- Rollback: V1.4.0 Add note search
-- Version: 1.4.0
-- Created: 2026-11-12
-- Description: Takes back V1.4.0.

DROP TRIGGER note_search_update;
DROP TRIGGER note_search_delete;
DROP TRIGGER note_search_insert;
DROP TABLE note_search;
