DECLARE @DoNotGO INT;
DECLARE
@GO INT;
GOTO lbl
lbl:
SELECT
gone_ts, go_1, go2, GOé
FROM #t
