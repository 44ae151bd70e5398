-- Rollback: V1.1.0 Create load register
-- Version: 1.1.0
-- Created: 2026-09-02
-- Description: Takes back V1.1.0.

DROP TABLE ops.load_run;
DROP TYPE ops.load_state;
