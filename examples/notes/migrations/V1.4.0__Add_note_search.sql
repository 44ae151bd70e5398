-- Migration: V1.4.0 Add note search
-- Version: 1.4.0
-- Created: 2026-11-12
-- Description: Full text search that the triggers keep up to date.

CREATE VIRTUAL TABLE note_search USING fts5 (title, body, content = 'note', content_rowid = 'id');
INSERT INTO note_search (note_search) VALUES ('rebuild');

CREATE TRIGGER note_search_insert AFTER INSERT ON note BEGIN
    INSERT INTO note_search (rowid, title, body) VALUES (new.id, new.title, new.body);
END;
CREATE TRIGGER note_search_delete AFTER DELETE ON note BEGIN
    INSERT INTO note_search (note_search, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
END;
CREATE TRIGGER note_search_update AFTER UPDATE OF title, body ON note BEGIN
    INSERT INTO note_search (note_search, rowid, title, body) VALUES ('delete', old.id, old.title, old.body);
    INSERT INTO note_search (rowid, title, body) VALUES (new.id, new.title, new.body);
END;
