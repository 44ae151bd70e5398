-- What the model has no place for: a statement where one can be made of it, otherwise what the catalogue says.
-- Texts of the server's own, and the names of Service Broker's objects, have collations of their own: a union does not mix
-- them unless told.
SELECT 5 AS class, a.assembly_id AS id, N'assembly' AS family, CAST(NULL AS sysname) AS [schema],
  a.name COLLATE DATABASE_DEFAULT AS name,
  CONVERT(nvarchar(max), N'permission set ' + a.permission_set_desc COLLATE DATABASE_DEFAULT + N', ' + a.clr_name COLLATE DATABASE_DEFAULT) AS definition
FROM sys.assemblies AS a
WHERE a.is_user_defined = 1
UNION ALL
SELECT 1, o.object_id, N'clr ' + CASE RTRIM(o.type) WHEN 'PC' THEN N'procedure' WHEN 'TA' THEN N'trigger'
    WHEN 'AF' THEN N'aggregate' ELSE N'function' END, s.name COLLATE DATABASE_DEFAULT, o.name COLLATE DATABASE_DEFAULT,
  CONVERT(nvarchar(max), QUOTENAME(a.name) + N'.' + QUOTENAME(m.assembly_class COLLATE DATABASE_DEFAULT) + COALESCE(N'.' + QUOTENAME(m.assembly_method), N'')
    + COALESCE((SELECT N', ' + p.name + N' ' + TYPE_NAME(p.user_type_id) + N'(' + CONVERT(nvarchar(10), p.max_length) + N')'
        + CASE p.is_output WHEN 1 THEN N' OUTPUT' ELSE N'' END
      FROM sys.parameters AS p WHERE p.object_id = o.object_id ORDER BY p.parameter_id FOR XML PATH(N''), TYPE
      ).value(N'.', N'nvarchar(max)'), N''))
FROM sys.objects AS o
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
JOIN sys.assembly_modules AS m ON m.object_id = o.object_id
JOIN sys.assemblies AS a ON a.assembly_id = m.assembly_id
WHERE o.is_ms_shipped = 0 AND o.type IN ('PC', 'FS', 'FT', 'TA', 'AF')
UNION ALL
SELECT 1, o.object_id, N'extended procedure', s.name COLLATE DATABASE_DEFAULT, o.name COLLATE DATABASE_DEFAULT,
  CONVERT(nvarchar(max), N'exists' COLLATE DATABASE_DEFAULT)
FROM sys.objects AS o
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
WHERE o.is_ms_shipped = 0 AND o.type = 'X'
UNION ALL
SELECT 1, n.object_id, N'numbered procedure', s.name COLLATE DATABASE_DEFAULT, o.name COLLATE DATABASE_DEFAULT + N';' + CONVERT(nvarchar(10), n.procedure_number),
  CONVERT(nvarchar(max), n.definition COLLATE DATABASE_DEFAULT)
FROM sys.numbered_procedures AS n
JOIN sys.objects AS o ON o.object_id = n.object_id
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
WHERE o.is_ms_shipped = 0 AND s.name <> @record
UNION ALL
SELECT 10, x.xml_collection_id, N'xml schema collection', s.name COLLATE DATABASE_DEFAULT, x.name COLLATE DATABASE_DEFAULT,
  CONVERT(nvarchar(max), N'CREATE XML SCHEMA COLLECTION ' + QUOTENAME(s.name) + N'.' + QUOTENAME(x.name) + N' AS N'''
    + REPLACE(CONVERT(nvarchar(max), XML_SCHEMA_NAMESPACE(s.name, x.name)), N'''', N'''''') + N'''')
FROM sys.xml_schema_collections AS x
JOIN sys.schemas AS s ON s.schema_id = x.schema_id
WHERE s.name NOT IN (N'sys', @record)
UNION ALL
SELECT 0, 0, N'fulltext catalog', NULL, c.name COLLATE DATABASE_DEFAULT,
  CONVERT(nvarchar(max), N'CREATE FULLTEXT CATALOG ' + QUOTENAME(c.name) + CASE c.is_accent_sensitivity_on WHEN 1
    THEN N' WITH ACCENT_SENSITIVITY = ON' ELSE N' WITH ACCENT_SENSITIVITY = OFF' END
    + CASE c.is_default WHEN 1 THEN N' AS DEFAULT' ELSE N'' END)
FROM sys.fulltext_catalogs AS c
UNION ALL
SELECT 0, f.object_id, N'fulltext index', s.name COLLATE DATABASE_DEFAULT, o.name COLLATE DATABASE_DEFAULT,
  CONVERT(nvarchar(max), N'CREATE FULLTEXT INDEX ON ' + QUOTENAME(s.name) + N'.' + QUOTENAME(o.name) + N' ('
    + STUFF((SELECT N', ' + QUOTENAME(k.name) + COALESCE(N' TYPE COLUMN ' + QUOTENAME(ty.name), N'') + N' LANGUAGE '
        + CONVERT(nvarchar(10), w.language_id) + CASE w.statistical_semantics WHEN 1 THEN N' STATISTICAL_SEMANTICS' ELSE N'' END
      FROM sys.fulltext_index_columns AS w
      JOIN sys.columns AS k ON k.object_id = w.object_id AND k.column_id = w.column_id
      LEFT JOIN sys.columns AS ty ON ty.object_id = w.object_id AND ty.column_id = w.type_column_id
      WHERE w.object_id = f.object_id ORDER BY k.name FOR XML PATH(N''), TYPE).value(N'.', N'nvarchar(max)'), 1, 2, N'')
    + N') KEY INDEX ' + QUOTENAME(i.name) + N' ON ' + QUOTENAME(c.name) + N' WITH CHANGE_TRACKING '
    + f.change_tracking_state_desc COLLATE DATABASE_DEFAULT + CASE WHEN f.stoplist_id IS NULL THEN N', STOPLIST = OFF' WHEN f.stoplist_id = 0
      THEN N', STOPLIST = SYSTEM' ELSE N', STOPLIST = ' + QUOTENAME(l.name) END
    + CASE f.is_enabled WHEN 1 THEN N'' ELSE N' -- disabled' END)
FROM sys.fulltext_indexes AS f
JOIN sys.objects AS o ON o.object_id = f.object_id
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
JOIN sys.indexes AS i ON i.object_id = f.object_id AND i.index_id = f.unique_index_id
JOIN sys.fulltext_catalogs AS c ON c.fulltext_catalog_id = f.fulltext_catalog_id
LEFT JOIN sys.fulltext_stoplists AS l ON l.stoplist_id = f.stoplist_id
UNION ALL
SELECT 0, 0, N'fulltext stoplist', NULL, l.name COLLATE DATABASE_DEFAULT, CONVERT(nvarchar(max), (
    SELECT N' ' + w.stopword COLLATE DATABASE_DEFAULT + N':' + CONVERT(nvarchar(10), w.language_id) FROM sys.fulltext_stopwords AS w
    WHERE w.stoplist_id = l.stoplist_id ORDER BY w.language_id, w.stopword COLLATE DATABASE_DEFAULT FOR XML PATH(N''), TYPE
  ).value(N'.', N'nvarchar(max)'))
FROM sys.fulltext_stoplists AS l
UNION ALL
SELECT 0, q.object_id, N'statistics', s.name COLLATE DATABASE_DEFAULT, q.name COLLATE DATABASE_DEFAULT + N' on ' + o.name COLLATE DATABASE_DEFAULT,
  CONVERT(nvarchar(max), N'CREATE STATISTICS ' + QUOTENAME(q.name) + N' ON ' + QUOTENAME(s.name) + N'.' + QUOTENAME(o.name) + N' ('
    + STUFF((SELECT N', ' + QUOTENAME(k.name) FROM sys.stats_columns AS sc
      JOIN sys.columns AS k ON k.object_id = sc.object_id AND k.column_id = sc.column_id
      WHERE sc.object_id = q.object_id AND sc.stats_id = q.stats_id ORDER BY sc.stats_column_id FOR XML PATH(N''), TYPE
      ).value(N'.', N'nvarchar(max)'), 1, 2, N'') + N')' + COALESCE(N' WHERE ' + q.filter_definition COLLATE DATABASE_DEFAULT, N'')
    + CASE q.no_recompute WHEN 1 THEN N' WITH NORECOMPUTE' ELSE N'' END)
FROM sys.stats AS q
JOIN sys.objects AS o ON o.object_id = q.object_id
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
WHERE q.user_created = 1 AND o.is_ms_shipped = 0 AND s.name <> @record
UNION ALL
SELECT 0, 0, N'change tracking', s.name COLLATE DATABASE_DEFAULT, o.name COLLATE DATABASE_DEFAULT,
  CONVERT(nvarchar(max), N'ALTER TABLE ' + QUOTENAME(s.name) + N'.' + QUOTENAME(o.name)
    + N' ENABLE CHANGE_TRACKING WITH (TRACK_COLUMNS_UPDATED = ' + CASE c.is_track_columns_updated_on WHEN 1 THEN N'ON' ELSE N'OFF' END + N')')
FROM sys.change_tracking_tables AS c
JOIN sys.objects AS o ON o.object_id = c.object_id
JOIN sys.schemas AS s ON s.schema_id = o.schema_id
UNION ALL
SELECT 0, 0, N'change data capture', s.name COLLATE DATABASE_DEFAULT, t.name COLLATE DATABASE_DEFAULT,
  CONVERT(nvarchar(max), N'enabled')
FROM sys.tables AS t
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
WHERE t.is_tracked_by_cdc = 1
UNION ALL
SELECT 0, 0, N'external data source', NULL, e.name COLLATE DATABASE_DEFAULT,
  CONVERT(nvarchar(max), N'type ' + e.type_desc COLLATE DATABASE_DEFAULT + N', location ' + e.location COLLATE DATABASE_DEFAULT)
FROM sys.external_data_sources AS e
UNION ALL -- not on Azure
SELECT 0, 0, N'external file format', NULL, e.name COLLATE DATABASE_DEFAULT, CONVERT(nvarchar(max), e.format_type COLLATE DATABASE_DEFAULT) -- not on Azure
FROM sys.external_file_formats AS e -- not on Azure
UNION ALL
SELECT 0, 0, N'external table', s.name COLLATE DATABASE_DEFAULT, t.name COLLATE DATABASE_DEFAULT,
  CONVERT(nvarchar(max), N'location ' + COALESCE(t.location COLLATE DATABASE_DEFAULT, N'none')
    + N', data source ' + COALESCE(e.name, N'none'))
FROM sys.external_tables AS t
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
LEFT JOIN sys.external_data_sources AS e ON e.data_source_id = t.data_source_id
UNION ALL
SELECT 0, 0, N'queue', s.name COLLATE DATABASE_DEFAULT, q.name COLLATE DATABASE_DEFAULT,
  CONVERT(nvarchar(max), N'status ' + CASE q.is_receive_enabled WHEN 1 THEN N'on' ELSE N'off' END
    + COALESCE(N', activates ' + q.activation_procedure COLLATE DATABASE_DEFAULT, N''))
FROM sys.service_queues AS q
JOIN sys.schemas AS s ON s.schema_id = q.schema_id
WHERE q.is_ms_shipped = 0 AND s.name <> @record
UNION ALL
SELECT 0, 0, N'service', NULL, v.name COLLATE DATABASE_DEFAULT,
  CONVERT(nvarchar(max), N'on queue ' + QUOTENAME(s.name) + N'.' + QUOTENAME(q.name))
FROM sys.services AS v
JOIN sys.service_queues AS q ON q.object_id = v.service_queue_id
JOIN sys.schemas AS s ON s.schema_id = q.schema_id
WHERE v.service_id > 65535
UNION ALL
SELECT 0, 0, N'message type', NULL, m.name COLLATE DATABASE_DEFAULT,
  CONVERT(nvarchar(max), m.validation_desc COLLATE DATABASE_DEFAULT)
FROM sys.service_message_types AS m
WHERE m.message_type_id > 65535
UNION ALL
SELECT 0, 0, N'contract', NULL, c.name COLLATE DATABASE_DEFAULT, CONVERT(nvarchar(max), (
    SELECT N' ' + m.name COLLATE DATABASE_DEFAULT + CASE WHEN u.is_sent_by_initiator = 1 AND u.is_sent_by_target = 1 THEN N' by any'
      WHEN u.is_sent_by_initiator = 1 THEN N' by initiator' ELSE N' by target' END
    FROM sys.service_contract_message_usages AS u
    JOIN sys.service_message_types AS m ON m.message_type_id = u.message_type_id
    WHERE u.service_contract_id = c.service_contract_id ORDER BY m.name COLLATE DATABASE_DEFAULT FOR XML PATH(N''), TYPE).value(N'.', N'nvarchar(max)'))
FROM sys.service_contracts AS c
WHERE c.service_contract_id > 65535
UNION ALL -- not on Azure
SELECT 0, 0, N'event notification', NULL, e.name COLLATE DATABASE_DEFAULT, CONVERT(nvarchar(max), N'to service ' + e.service_name COLLATE DATABASE_DEFAULT) -- not on Azure
FROM sys.event_notifications AS e -- not on Azure
UNION ALL
SELECT 0, 0, N'certificate', NULL, c.name COLLATE DATABASE_DEFAULT,
  CONVERT(nvarchar(max), c.pvt_key_encryption_type_desc COLLATE DATABASE_DEFAULT + N', subject ' + c.subject COLLATE DATABASE_DEFAULT)
FROM sys.certificates AS c
WHERE c.name NOT LIKE N'##%'
UNION ALL
SELECT 0, 0, N'symmetric key', NULL, k.name COLLATE DATABASE_DEFAULT,
  CONVERT(nvarchar(max), k.algorithm_desc COLLATE DATABASE_DEFAULT)
FROM sys.symmetric_keys AS k
WHERE k.name NOT LIKE N'##%'
UNION ALL
SELECT 0, 0, N'asymmetric key', NULL, k.name COLLATE DATABASE_DEFAULT,
  CONVERT(nvarchar(max), k.algorithm_desc COLLATE DATABASE_DEFAULT)
FROM sys.asymmetric_keys AS k
UNION ALL
SELECT 0, 0, N'column master key', NULL, k.name COLLATE DATABASE_DEFAULT,
  CONVERT(nvarchar(max), k.key_store_provider_name COLLATE DATABASE_DEFAULT + N' ' + k.key_path)
FROM sys.column_master_keys AS k
UNION ALL
SELECT 0, 0, N'column encryption key', NULL, k.name COLLATE DATABASE_DEFAULT,
  CONVERT(nvarchar(max), N'exists' COLLATE DATABASE_DEFAULT)
FROM sys.column_encryption_keys AS k
UNION ALL
SELECT 0, 0, N'application role', NULL, p.name COLLATE DATABASE_DEFAULT,
  CONVERT(nvarchar(max), N'exists' COLLATE DATABASE_DEFAULT)
FROM sys.database_principals AS p
WHERE p.type = 'A'
UNION ALL
SELECT 0, 0, N'plan guide', NULL, g.name COLLATE DATABASE_DEFAULT,
  CONVERT(nvarchar(max), g.scope_type_desc COLLATE DATABASE_DEFAULT + N': ' + COALESCE(g.query_text COLLATE DATABASE_DEFAULT, N'')
    + N' ' + COALESCE(g.hints, N'') + CASE g.is_disabled WHEN 1 THEN N' (disabled)' ELSE N'' END)
FROM sys.plan_guides AS g
UNION ALL -- since 15
SELECT 0, 0, N'edge constraint', s.name COLLATE DATABASE_DEFAULT, e.name COLLATE DATABASE_DEFAULT + N' on ' + o.name COLLATE DATABASE_DEFAULT, CONVERT(nvarchar(max), ( -- since 15
    SELECT N' from ' + OBJECT_NAME(c.from_object_id) + N' to ' + OBJECT_NAME(c.to_object_id) -- since 15
    FROM sys.edge_constraint_clauses AS c WHERE c.object_id = e.object_id -- since 15
    ORDER BY c.clause_number FOR XML PATH(N''), TYPE).value(N'.', N'nvarchar(max)')) -- since 15
FROM sys.edge_constraints AS e -- since 15
JOIN sys.objects AS o ON o.object_id = e.parent_object_id -- since 15
JOIN sys.schemas AS s ON s.schema_id = o.schema_id -- since 15
