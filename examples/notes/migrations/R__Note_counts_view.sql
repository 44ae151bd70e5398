-- Repeatable: Note counts view
-- Created: 2026-11-03
-- Description: How many notes each notebook holds; edit it and migrate again.

DROP VIEW IF EXISTS note_counts;
CREATE VIEW note_counts AS
SELECT notebook.title AS notebook, count(note.id) AS notes
  FROM notebook
  LEFT JOIN note ON note.notebook_id = notebook.id
 GROUP BY notebook.id;
