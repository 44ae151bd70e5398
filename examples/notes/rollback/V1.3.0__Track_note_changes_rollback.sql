-- Rollback: V1.3.0 Track note changes
-- Version: 1.3.0
-- Created: 2026-11-09
-- Description: Takes back V1.3.0.

DROP TRIGGER note_changed;
DROP TABLE note_version;
