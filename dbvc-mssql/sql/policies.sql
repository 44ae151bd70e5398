-- Security policies: a row for each of their predicates.
SELECT p.object_id AS id, s.name AS [schema], p.name, USER_NAME(p.principal_id) AS owner, p.is_enabled,
  p.is_not_for_replication, p.is_schema_bound, r.predicate_type_desc AS sort, r.operation_desc AS operation,
  r.predicate_definition AS definition, ts.name AS target_schema, t.name AS target, t.object_id AS target_id
FROM sys.security_policies AS p
JOIN sys.schemas AS s ON s.schema_id = p.schema_id
LEFT JOIN sys.security_predicates AS r ON r.object_id = p.object_id
LEFT JOIN sys.objects AS t ON t.object_id = r.target_object_id
LEFT JOIN sys.schemas AS ts ON ts.schema_id = t.schema_id
WHERE p.is_ms_shipped = 0 AND s.name <> @record
ORDER BY p.object_id, ts.name, t.name, r.predicate_type_desc, r.operation_desc
