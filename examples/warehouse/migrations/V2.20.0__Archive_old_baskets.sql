-- Migration: V2.20.0 Archive old baskets
-- Version: 2.20.0
-- Created: 2026-11-02
-- Description: Baskets left behind move to an archive; a rollback brings them back.

CREATE TABLE ops.basket_archive (basket jsonb NOT NULL, lines jsonb NOT NULL, archived_at timestamptz NOT NULL DEFAULT now());

WITH old AS (
    SELECT purchase_id FROM shop.purchase WHERE state = 'basket' AND ordered_on < date '2026-10-01'
), lines AS (
    DELETE FROM shop.purchase_line AS l USING old WHERE l.purchase_id = old.purchase_id RETURNING l.*
), baskets AS (
    DELETE FROM shop.purchase AS p USING old WHERE p.purchase_id = old.purchase_id RETURNING p.*
)
INSERT INTO ops.basket_archive (basket, lines)
SELECT to_jsonb(b), coalesce((SELECT jsonb_agg(to_jsonb(l) - 'total' ORDER BY l.line_no)
                                FROM lines AS l WHERE l.purchase_id = b.purchase_id), '[]')
  FROM baskets AS b;
