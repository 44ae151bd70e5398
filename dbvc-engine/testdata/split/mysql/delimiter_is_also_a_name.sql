SELECT delimiter FROM t;
SELECT 1 AS x, delimiter FROM t;