-- Repeatable: Category paths
-- Description: `Ceramics > Cups`: a recursive view.

CREATE OR REPLACE SQL SECURITY INVOKER VIEW category_path AS
WITH RECURSIVE path (id, words) AS (
    SELECT id, CAST(name AS char(400)) FROM category WHERE parent IS NULL
    UNION ALL
    SELECT c.id, CONCAT(p.words, ' > ', c.name) FROM category c JOIN path p ON c.parent = p.id
)
SELECT id, words FROM path;
