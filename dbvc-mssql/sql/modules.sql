-- Views, procedures, functions, triggers, and old defaults and rules: all that is kept as the text that made it.
SELECT o.object_id AS id, RTRIM(o.type) AS type, s.name AS [schema], o.name, USER_NAME(o.principal_id) AS owner, m.definition,
  OBJECTPROPERTY(o.object_id, N'IsEncrypted') AS is_encrypted, m.uses_ansi_nulls, m.uses_quoted_identifier,
  m.is_schema_bound, ps.name AS parent_schema, p.name AS parent, p.object_id AS parent_id, RTRIM(p.type) AS parent_type, t.is_disabled,
  (SELECT N' ' + e.type_desc FROM sys.trigger_events AS e WHERE e.object_id = o.object_id AND e.is_first = 1
    ORDER BY e.type_desc FOR XML PATH(N''), TYPE).value(N'.', N'nvarchar(400)') AS first_of,
  (SELECT N' ' + e.type_desc FROM sys.trigger_events AS e WHERE e.object_id = o.object_id AND e.is_last = 1
    ORDER BY e.type_desc FOR XML PATH(N''), TYPE).value(N'.', N'nvarchar(400)') AS last_of
FROM sys.objects AS o
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
LEFT JOIN sys.sql_modules AS m ON m.object_id = o.object_id
LEFT JOIN sys.triggers AS t ON t.object_id = o.object_id
LEFT JOIN sys.objects AS p ON p.object_id = t.parent_id
LEFT JOIN sys.schemas AS ps ON ps.schema_id = p.schema_id
WHERE o.is_ms_shipped = 0 AND s.name <> @record
  AND (o.type IN ('V', 'P', 'RF', 'FN', 'IF', 'TF', 'TR', 'R') OR (o.type = 'D' AND o.parent_object_id = 0))
  AND NOT EXISTS (
    SELECT 1 FROM sys.extended_properties AS e WHERE e.class = 1 AND e.major_id = o.object_id AND e.minor_id = 0
      AND e.name = N'microsoft_database_tools_support')
UNION ALL
SELECT t.object_id, N'DDL', NULL, t.name, NULL, m.definition, OBJECTPROPERTY(t.object_id, N'IsEncrypted'), m.uses_ansi_nulls,
  m.uses_quoted_identifier, m.is_schema_bound, NULL, NULL, NULL, NULL, t.is_disabled, NULL, NULL
FROM sys.triggers AS t
JOIN sys.sql_modules AS m ON m.object_id = t.object_id
WHERE t.parent_class = 0 AND t.is_ms_shipped = 0
