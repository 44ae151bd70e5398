-- Rollback: V1.2.0 Add tags
-- Version: 1.2.0
-- Created: 2026-11-05
-- Description: Takes back V1.2.0.

DROP TABLE note_tag;
DROP TABLE tag;
