-- Tables, with where and how their rows are kept.
SELECT t.object_id AS id, s.name AS [schema], t.name, USER_NAME(t.principal_id) AS owner,
  t.uses_ansi_nulls, t.lock_escalation_desc AS lock_escalation, t.large_value_types_out_of_row AS large_values_apart,
  t.text_in_row_limit, t.is_memory_optimized, t.durability_desc AS durability, t.is_external, t.is_filetable,
  t.temporal_type, hs.name AS history_schema, h.name AS history_table,
  t.history_retention_period AS retention, t.history_retention_period_unit_desc AS retention_unit, -- since 14
  t.is_node, t.is_edge, -- since 14
  t.ledger_type_desc AS ledger, -- since 16
  ps.name AS period_start, pe.name AS period_end,
  d.name AS space, d.type AS space_type, d.is_default AS space_is_default, pc.name AS partition_column,
  l.name AS text_space, f.name AS filestream_space,
  r.least AS compression, r.most AS compression_most, i.index_id AS heap_or_clustered
FROM sys.tables AS t
JOIN sys.schemas AS s ON s.schema_id = t.schema_id
LEFT JOIN sys.tables AS h ON h.object_id = t.history_table_id
LEFT JOIN sys.schemas AS hs ON hs.schema_id = h.schema_id
LEFT JOIN sys.periods AS p ON p.object_id = t.object_id
LEFT JOIN sys.columns AS ps ON ps.object_id = p.object_id AND ps.column_id = p.start_column_id
LEFT JOIN sys.columns AS pe ON pe.object_id = p.object_id AND pe.column_id = p.end_column_id
LEFT JOIN sys.indexes AS i ON i.object_id = t.object_id AND i.index_id IN (0, 1)
LEFT JOIN sys.data_spaces AS d ON d.data_space_id = i.data_space_id
LEFT JOIN sys.index_columns AS ic
  ON ic.object_id = i.object_id AND ic.index_id = i.index_id AND ic.partition_ordinal = 1
LEFT JOIN sys.columns AS pc ON pc.object_id = ic.object_id AND pc.column_id = ic.column_id
LEFT JOIN sys.data_spaces AS l
  ON l.data_space_id = t.lob_data_space_id AND l.type = 'FG' AND l.data_space_id <> i.data_space_id
LEFT JOIN sys.data_spaces AS f ON f.data_space_id = t.filestream_data_space_id
LEFT JOIN (
  SELECT p.object_id, MIN(p.data_compression_desc) AS least, MAX(p.data_compression_desc) AS most
  FROM sys.partitions AS p WHERE p.index_id IN (0, 1) GROUP BY p.object_id
) AS r ON r.object_id = t.object_id
WHERE t.is_ms_shipped = 0 AND s.name <> @record
  -- What a tool keeps its diagrams in.
  AND NOT EXISTS (
    SELECT 1 FROM sys.extended_properties AS e WHERE e.class = 1 AND e.major_id = t.object_id AND e.minor_id = 0
      AND e.name = N'microsoft_database_tools_support')
