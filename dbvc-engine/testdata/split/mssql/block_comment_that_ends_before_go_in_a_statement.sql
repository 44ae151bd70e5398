SELECT 1 /* x */ GO
SELECT 'a
' GO
