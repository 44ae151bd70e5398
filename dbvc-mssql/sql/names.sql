-- The database itself, its schemas, synonyms and roles.
SELECT N'database' AS kind, 0 AS id, CAST(NULL AS sysname) AS [schema], DB_NAME() AS name, CAST(NULL AS sysname) AS owner,
  CONVERT(nvarchar(4000), DATABASEPROPERTYEX(DB_NAME(), N'Collation')) AS detail,
  HAS_PERMS_BY_NAME(QUOTENAME(DB_NAME()), N'DATABASE', N'VIEW DEFINITION') AS sees_all
UNION ALL
SELECT N'schema', s.schema_id, NULL, s.name COLLATE DATABASE_DEFAULT, USER_NAME(s.principal_id), NULL, NULL
FROM sys.schemas AS s
-- The fixed roles have schemas of their own from 16384 on.
WHERE s.schema_id < 16384 AND s.name NOT IN (N'sys', N'INFORMATION_SCHEMA', N'guest', @record)
UNION ALL
SELECT N'synonym', y.object_id, s.name, y.name COLLATE DATABASE_DEFAULT, USER_NAME(y.principal_id), y.base_object_name COLLATE DATABASE_DEFAULT, NULL
FROM sys.synonyms AS y
JOIN sys.schemas AS s ON s.schema_id = y.schema_id
WHERE y.is_ms_shipped = 0 AND s.name <> @record
UNION ALL
SELECT N'role', p.principal_id, NULL, p.name COLLATE DATABASE_DEFAULT, USER_NAME(p.owning_principal_id), (
    SELECT N' ' + QUOTENAME(USER_NAME(m.role_principal_id)) FROM sys.database_role_members AS m
    WHERE m.member_principal_id = p.principal_id ORDER BY USER_NAME(m.role_principal_id) FOR XML PATH(N''), TYPE
  ).value(N'.', N'nvarchar(4000)'), NULL
FROM sys.database_principals AS p
WHERE p.type = 'R' AND p.is_fixed_role = 0 AND p.name <> N'public'
