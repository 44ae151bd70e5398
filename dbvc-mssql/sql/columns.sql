-- Columns of tables, views and table types.
SELECT c.object_id AS id, c.column_id AS number, c.name, y.name AS type_name, ys.name AS type_schema,
  y.is_user_defined AS type_is_made, b.name AS base_type, c.user_type_id AS type_id, c.max_length, c.precision, c.scale,
  c.is_nullable, c.collation_name AS collation, CONVERT(nvarchar(60), n.seed_value) AS seed,
  CONVERT(nvarchar(60), n.increment_value) AS increment, n.is_not_for_replication, m.definition AS computed, m.is_persisted,
  d.object_id AS default_id, d.definition AS default_definition, d.name AS default_name, d.is_system_named,
  bs.name AS bound_default_schema, bd.name AS bound_default, rs.name AS bound_rule_schema, br.name AS bound_rule,
  c.is_sparse, c.is_column_set, c.is_rowguidcol, c.is_filestream, c.is_ansi_padded,
  c.generated_always_type_desc AS always, c.is_hidden, k.masking_function AS mask,
  c.encryption_type_desc AS encryption, c.encryption_algorithm_name AS encryption_algorithm, e.name AS encryption_key,
  xs.name AS xml_schema, x.name AS xml_collection, c.is_xml_document, c.xml_collection_id,
  c.vector_dimensions, -- since 17
  o.type AS owner_type
FROM sys.columns AS c
JOIN sys.all_objects AS o ON o.object_id = c.object_id
JOIN sys.types AS y ON y.user_type_id = c.user_type_id
JOIN sys.schemas AS ys ON ys.schema_id = y.schema_id
LEFT JOIN sys.types AS b ON b.user_type_id = c.system_type_id
LEFT JOIN sys.identity_columns AS n ON n.object_id = c.object_id AND n.column_id = c.column_id
LEFT JOIN sys.computed_columns AS m ON m.object_id = c.object_id AND m.column_id = c.column_id
LEFT JOIN sys.default_constraints AS d ON d.object_id = c.default_object_id AND d.parent_object_id = c.object_id
LEFT JOIN sys.objects AS bd ON bd.object_id = c.default_object_id AND d.object_id IS NULL
LEFT JOIN sys.schemas AS bs ON bs.schema_id = bd.schema_id
LEFT JOIN sys.objects AS br ON br.object_id = c.rule_object_id
LEFT JOIN sys.schemas AS rs ON rs.schema_id = br.schema_id
LEFT JOIN sys.masked_columns AS k ON k.object_id = c.object_id AND k.column_id = c.column_id AND k.is_masked = 1
LEFT JOIN sys.column_encryption_keys AS e ON e.column_encryption_key_id = c.column_encryption_key_id
LEFT JOIN sys.xml_schema_collections AS x ON x.xml_collection_id = c.xml_collection_id AND c.xml_collection_id <> 0
LEFT JOIN sys.schemas AS xs ON xs.schema_id = x.schema_id
WHERE (o.type = 'TT' OR (o.type IN ('U', 'V') AND o.is_ms_shipped = 0))
  AND c.graph_type IS NULL -- since 14
  AND c.is_dropped_ledger_column = 0 -- since 16
ORDER BY c.object_id, c.column_id
