-- Migration: V142 Load page views
-- Version: 142
-- Created: 2026-11-01
-- Description: Ten thousand rows from a recursive query, in one transaction.

SET SESSION /*M!100303 max_recursive_iterations */ /*!80003 cte_max_recursion_depth */ = 20000;
INSERT INTO page_view (seen_at, product, referrer)
WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 10000)
SELECT '2026-09-01' + INTERVAL (i * 13) MINUTE, 1 + i % 7, CONCAT('https://tea.example/?page=', i) FROM n;
