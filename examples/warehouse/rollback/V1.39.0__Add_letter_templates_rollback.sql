-- Rollback: V1.39.0 Add letter templates
-- Version: 1.39.0
-- Created: 2026-10-11
-- Description: Takes back V1.39.0.
-- dbvc: placeholders=off

DROP TABLE ops.letter_template;
