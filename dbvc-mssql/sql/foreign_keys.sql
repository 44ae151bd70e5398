-- Foreign keys: a row for each of their columns.
SELECT f.parent_object_id AS id, f.object_id AS key_id, f.name, f.is_system_named, f.delete_referential_action_desc AS on_delete,
  f.update_referential_action_desc AS on_update, f.is_not_for_replication, f.is_disabled, f.is_not_trusted,
  rs.name AS target_schema, r.name AS target, c.name AS column_name, t.name AS target_column
FROM sys.foreign_keys AS f
JOIN sys.foreign_key_columns AS k ON k.constraint_object_id = f.object_id
JOIN sys.columns AS c ON c.object_id = k.parent_object_id AND c.column_id = k.parent_column_id
JOIN sys.columns AS t ON t.object_id = k.referenced_object_id AND t.column_id = k.referenced_column_id
JOIN sys.objects AS r ON r.object_id = f.referenced_object_id
JOIN sys.schemas AS rs ON rs.schema_id = r.schema_id
WHERE f.is_ms_shipped = 0
ORDER BY f.parent_object_id, f.object_id, k.constraint_column_id
