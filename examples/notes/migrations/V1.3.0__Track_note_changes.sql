-- Migration: V1.3.0 Track note changes
-- Version: 1.3.0
-- Created: 2026-11-09
-- Description: Keeps what a note said before; the trigger has a body of its own.

CREATE TABLE note_version (
    note_id   INTEGER NOT NULL REFERENCES note (id) ON DELETE CASCADE,
    said      TEXT NOT NULL,
    until_at  TEXT NOT NULL
);

CREATE TRIGGER note_changed AFTER UPDATE OF title, body ON note
WHEN old.title <> new.title OR old.body <> new.body
BEGIN
    INSERT INTO note_version (note_id, said, until_at)
    VALUES (old.id, CASE old.body WHEN '' THEN old.title ELSE old.title || '; ' || old.body END, datetime('now'));
    UPDATE note SET changed_at = datetime('now') WHERE id = new.id;
END;
