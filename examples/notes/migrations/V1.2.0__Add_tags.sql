-- Migration: V1.2.0 Add tags
-- Version: 1.2.0
-- Created: 2026-11-05
-- Description: A note has many tags, a tag many notes.

CREATE TABLE tag (
    name  TEXT PRIMARY KEY COLLATE NOCASE
) WITHOUT ROWID;

CREATE TABLE note_tag (
    note_id  INTEGER NOT NULL REFERENCES note (id) ON DELETE CASCADE,
    tag      TEXT NOT NULL COLLATE NOCASE REFERENCES tag (name) ON UPDATE CASCADE,
    PRIMARY KEY (note_id, tag)
) WITHOUT ROWID;

INSERT INTO tag (name) VALUES ('cake'), ('spring'), ('to do');
INSERT INTO note_tag (note_id, tag) SELECT id, 'cake' FROM note WHERE title = 'Lemon cake';
INSERT INTO note_tag (note_id, tag) SELECT id, 'spring' FROM note WHERE title = 'Tomatoes';
