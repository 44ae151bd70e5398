-- Migration: V1.1.0 Create load register
-- Version: 1.1.0
-- Created: 2026-09-02
-- Description: Every load into the warehouse is one row here.

CREATE TYPE ops.load_state AS ENUM ('running', 'done', 'failed');

CREATE TABLE ops.load_run (
    load_id     bigint GENERATED ALWAYS AS IDENTITY (START WITH 1000 INCREMENT BY 1) PRIMARY KEY,
    source      text NOT NULL CHECK (source <> ''),
    state       ops.load_state NOT NULL DEFAULT 'running',
    started_at  timestamptz NOT NULL DEFAULT now(),
    ended_at    timestamptz,
    row_count   bigint NOT NULL DEFAULT 0 CHECK (row_count >= 0),
    took        interval GENERATED ALWAYS AS (ended_at - started_at) STORED,
    CONSTRAINT load_run_ends_after_start CHECK (ended_at >= started_at),
    CONSTRAINT load_run_end_goes_with_state CHECK ((state = 'running') = (ended_at IS NULL))
);

-- One running load per source: the database itself refuses a second.
CREATE UNIQUE INDEX load_run_one_running ON ops.load_run (source) WHERE state = 'running';
