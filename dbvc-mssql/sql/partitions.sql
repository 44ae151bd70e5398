-- Partition functions with a row for each boundary, and partition schemes with a row for each file group.
SELECT N'function' AS kind, f.function_id AS id, f.name COLLATE DATABASE_DEFAULT AS name,
  CAST(NULL AS sysname) AS of_function, y.name COLLATE DATABASE_DEFAULT AS base_type,
  m.max_length, m.precision, m.scale, f.boundary_value_on_right AS is_right, v.boundary_id AS place,
  CONVERT(nvarchar(60), SQL_VARIANT_PROPERTY(v.value, 'BaseType')) AS value_type,
  CASE WHEN CONVERT(nvarchar(60), SQL_VARIANT_PROPERTY(v.value, 'BaseType')) IN ('binary', 'varbinary')
    THEN CONVERT(nvarchar(4000), CONVERT(varbinary(8000), v.value), 1)
    ELSE CONVERT(nvarchar(4000), v.value, 126) END AS value
FROM sys.partition_functions AS f
JOIN sys.partition_parameters AS m ON m.function_id = f.function_id AND m.parameter_id = 1
JOIN sys.types AS y ON y.user_type_id = m.system_type_id
LEFT JOIN sys.partition_range_values AS v ON v.function_id = f.function_id AND v.parameter_id = 1
UNION ALL
SELECT N'scheme', s.data_space_id, s.name COLLATE DATABASE_DEFAULT, f.name COLLATE DATABASE_DEFAULT, NULL, NULL, NULL, NULL, NULL, d.destination_id, NULL, g.name COLLATE DATABASE_DEFAULT
FROM sys.partition_schemes AS s
JOIN sys.partition_functions AS f ON f.function_id = s.function_id
JOIN sys.destination_data_spaces AS d ON d.partition_scheme_id = s.data_space_id
JOIN sys.data_spaces AS g ON g.data_space_id = d.data_space_id
ORDER BY kind, name, place
