-- Migration: V1.5.0 Add reminders
-- Version: 1.5.0
-- Created: 2026-11-16
-- Description: One open reminder for a note; a partial index sees to it.

CREATE TABLE reminder (
    id       INTEGER PRIMARY KEY,
    note_id  INTEGER NOT NULL REFERENCES note (id) ON DELETE CASCADE,
    due_on   TEXT NOT NULL CHECK (due_on IS date(due_on)),
    done     INTEGER NOT NULL DEFAULT 0 CHECK (done IN (0, 1))
);

CREATE UNIQUE INDEX reminder_one_open ON reminder (note_id) WHERE done = 0;

INSERT INTO reminder (note_id, due_on) SELECT id, '2027-03-01' FROM note WHERE title = 'Tomatoes';
