-- Sequences.
SELECT q.object_id AS id, s.name AS [schema], q.name, USER_NAME(q.principal_id) AS owner, y.name AS type_name,
  ys.name AS type_schema, y.is_user_defined AS type_is_made, q.user_type_id AS type_id, b.name AS base_type, q.precision, q.scale,
  CONVERT(nvarchar(60), q.start_value) AS start, CONVERT(nvarchar(60), q.increment) AS increment,
  CONVERT(nvarchar(60), q.minimum_value) AS least, CONVERT(nvarchar(60), q.maximum_value) AS most,
  q.is_cycling, q.is_cached, q.cache_size
FROM sys.sequences AS q
JOIN sys.schemas AS s ON s.schema_id = q.schema_id
JOIN sys.types AS y ON y.user_type_id = q.user_type_id
JOIN sys.schemas AS ys ON ys.schema_id = y.schema_id
LEFT JOIN sys.types AS b ON b.user_type_id = q.system_type_id
WHERE q.is_ms_shipped = 0 AND s.name <> @record
