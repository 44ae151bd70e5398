-- Migration: V2.14.0 Rename load columns
-- Version: 2.14.0
-- Created: 2026-10-27
-- Description: "took" said too little; a table and a constraint get clearer names too.
-- dbvc: requires=1.39.0

ALTER TABLE ops.load_run RENAME COLUMN took TO duration;
ALTER TABLE ops.letter_template RENAME TO message_template;
ALTER TABLE ops.message_template RENAME CONSTRAINT letter_template_pkey TO message_template_pkey;
ALTER INDEX ops.load_run_one_running RENAME TO load_run_one_running_per_source;
