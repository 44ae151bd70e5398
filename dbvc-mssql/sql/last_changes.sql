-- When objects were changed last, in UTC as far as the server's clock stands to it now.
SELECT RTRIM(o.type) AS type, s.name AS [schema], p.name AS parent, o.name,
  CONVERT(nvarchar(40), DATEADD(minute, DATEDIFF(minute, GETDATE(), GETUTCDATE()), o.modify_date), 126) + N'Z' AS changed_at
FROM sys.objects AS o
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
LEFT JOIN sys.objects AS p ON p.object_id = o.parent_object_id
WHERE o.is_ms_shipped = 0 AND o.name COLLATE DATABASE_DEFAULT IN (SELECT n.name FROM @names AS n)
UNION ALL
SELECT N'DDL', NULL, NULL, t.name,
  CONVERT(nvarchar(40), DATEADD(minute, DATEDIFF(minute, GETDATE(), GETUTCDATE()), t.modify_date), 126) + N'Z'
FROM sys.triggers AS t
WHERE t.parent_class = 0 AND t.is_ms_shipped = 0 AND t.name COLLATE DATABASE_DEFAULT IN (SELECT n.name FROM @names AS n)
