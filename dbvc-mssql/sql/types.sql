-- Types that people made.
SELECT y.user_type_id AS id, s.name AS [schema], y.name, USER_NAME(y.principal_id) AS owner, b.name AS base_type,
  y.max_length, y.precision, y.scale, y.is_nullable, y.is_assembly_type, a.name AS assembly, ay.assembly_class,
  t.type_table_object_id AS table_id, t.is_memory_optimized, ds.name AS bound_default_schema, d.name AS bound_default,
  rs.name AS bound_rule_schema, r.name AS bound_rule
FROM sys.types AS y
JOIN sys.schemas AS s ON s.schema_id = y.schema_id
LEFT JOIN sys.types AS b ON b.user_type_id = y.system_type_id
LEFT JOIN sys.table_types AS t ON t.user_type_id = y.user_type_id
LEFT JOIN sys.assembly_types AS ay ON ay.user_type_id = y.user_type_id
LEFT JOIN sys.assemblies AS a ON a.assembly_id = ay.assembly_id
LEFT JOIN sys.objects AS d ON d.object_id = y.default_object_id
LEFT JOIN sys.schemas AS ds ON ds.schema_id = d.schema_id
LEFT JOIN sys.objects AS r ON r.object_id = y.rule_object_id
LEFT JOIN sys.schemas AS rs ON rs.schema_id = r.schema_id
WHERE y.is_user_defined = 1 AND s.name <> @record
