-- Migration: V1.1.0 Create notes
-- Version: 1.1.0
-- Created: 2026-11-03
-- Description: Notes belong to a notebook and go with it.

CREATE TABLE note (
    id           INTEGER PRIMARY KEY,
    notebook_id  INTEGER NOT NULL REFERENCES notebook (id) ON DELETE CASCADE,
    title        TEXT NOT NULL,
    body         TEXT NOT NULL DEFAULT '',
    changed_at   TEXT
);

CREATE INDEX note_by_notebook ON note (notebook_id, title);

INSERT INTO note (notebook_id, title, body)
SELECT id, 'Lemon cake', '4 eggs; 200 g sugar; 2 lemons. Don''t open the oven!' FROM notebook WHERE title LIKE 'Recipes%';
INSERT INTO note (notebook_id, title, body)
SELECT id, 'Tomatoes', 'Sow in March -- not earlier.' FROM notebook WHERE title = 'Garden';
