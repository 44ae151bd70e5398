-- Indexes, with those of keys: a row for each of their columns.
SELECT i.object_id AS id, i.index_id AS number, i.name, i.type_desc AS type, i.is_unique, i.is_primary_key,
  i.is_unique_constraint, k.object_id AS key_id, k.is_system_named, i.ignore_dup_key, i.fill_factor, i.is_padded,
  i.is_disabled, i.allow_row_locks, i.allow_page_locks, i.filter_definition AS filter,
  i.optimize_for_sequential_key, -- since 15
  q.no_recompute, q.is_incremental, h.bucket_count, d.name AS space, d.type AS space_type, pc.name AS partition_column,
  CASE WHEN i.index_id > 1 AND i.data_space_id <> z.data_space_id THEN 1 ELSE 0 END AS is_apart,
  r.least AS compression, r.most AS compression_most, i.compression_delay,
  xp.name AS xml_primary, x.secondary_type_desc AS xml_sort,
  x.xml_index_type_description AS xml_kind, g.tessellation_scheme AS tessellation,
  CONVERT(nvarchar(60), g.bounding_box_xmin, 3) + N', ' + CONVERT(nvarchar(60), g.bounding_box_ymin, 3) + N', '
    + CONVERT(nvarchar(60), g.bounding_box_xmax, 3) + N', ' + CONVERT(nvarchar(60), g.bounding_box_ymax, 3) AS box,
  g.level_1_grid_desc AS level_1, g.level_2_grid_desc AS level_2, g.level_3_grid_desc AS level_3,
  g.level_4_grid_desc AS level_4, g.cells_per_object, c.name AS column_name, ic.key_ordinal, ic.is_included_column,
  ic.column_store_order_ordinal, -- since 16
  ic.is_descending_key, ic.partition_ordinal
FROM sys.indexes AS i
JOIN sys.all_objects AS o ON o.object_id = i.object_id
LEFT JOIN sys.indexes AS z ON z.object_id = i.object_id AND z.index_id IN (0, 1)
LEFT JOIN sys.key_constraints AS k ON k.parent_object_id = i.object_id AND k.unique_index_id = i.index_id
LEFT JOIN sys.stats AS q ON q.object_id = i.object_id AND q.stats_id = i.index_id
LEFT JOIN sys.hash_indexes AS h ON h.object_id = i.object_id AND h.index_id = i.index_id
LEFT JOIN sys.data_spaces AS d ON d.data_space_id = i.data_space_id
LEFT JOIN sys.index_columns AS pi
  ON pi.object_id = i.object_id AND pi.index_id = i.index_id AND pi.partition_ordinal = 1
LEFT JOIN sys.columns AS pc ON pc.object_id = pi.object_id AND pc.column_id = pi.column_id
LEFT JOIN (
  SELECT p.object_id, p.index_id, MIN(p.data_compression_desc) AS least, MAX(p.data_compression_desc) AS most
  FROM sys.partitions AS p GROUP BY p.object_id, p.index_id
) AS r ON r.object_id = i.object_id AND r.index_id = i.index_id
LEFT JOIN sys.xml_indexes AS x ON x.object_id = i.object_id AND x.index_id = i.index_id
LEFT JOIN sys.indexes AS xp ON xp.object_id = x.object_id AND xp.index_id = x.using_xml_index_id
LEFT JOIN sys.spatial_index_tessellations AS g ON g.object_id = i.object_id AND g.index_id = i.index_id
LEFT JOIN sys.index_columns AS ic ON ic.object_id = i.object_id AND ic.index_id = i.index_id
LEFT JOIN sys.columns AS c ON c.object_id = ic.object_id AND c.column_id = ic.column_id
WHERE i.type > 0 AND i.is_hypothetical = 0
  AND (o.type = 'TT' OR (o.type IN ('U', 'V') AND o.is_ms_shipped = 0))
ORDER BY i.object_id, i.index_id, ic.is_included_column, ic.key_ordinal, ic.index_column_id
