PRINT '
GO
'
PRINT N'it''s
GO
'
SELECT 1 AS "
GO
""
GO
"
