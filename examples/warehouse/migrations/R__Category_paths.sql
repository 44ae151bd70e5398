-- Repeatable: Category paths
-- Created: 2026-11-02
-- Description: The category tree, each with its path from the root.

CREATE OR REPLACE RECURSIVE VIEW report.category_path (category_id, path) AS
    SELECT category_id, name FROM shop.category WHERE parent_id IS NULL
    UNION ALL
    SELECT c.category_id, p.path || ' › ' || c.name
      FROM shop.category AS c JOIN category_path AS p ON c.parent_id = p.category_id;
