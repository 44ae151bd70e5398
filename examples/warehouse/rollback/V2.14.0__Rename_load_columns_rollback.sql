-- Rollback: V2.14.0 Rename load columns
-- Version: 2.14.0
-- Created: 2026-10-27
-- Description: Takes back V2.14.0.

ALTER INDEX ops.load_run_one_running_per_source RENAME TO load_run_one_running;
ALTER TABLE ops.message_template RENAME CONSTRAINT message_template_pkey TO letter_template_pkey;
ALTER TABLE ops.message_template RENAME TO letter_template;
ALTER TABLE ops.load_run RENAME COLUMN duration TO took;
