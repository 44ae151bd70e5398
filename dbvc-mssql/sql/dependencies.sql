-- What a text names that is in this database.
SELECT DISTINCT d.referencing_class AS class, d.referencing_id AS id, d.referenced_class, d.referenced_id,
  d.referenced_schema_name AS target_schema, d.referenced_entity_name AS target, d.is_schema_bound_reference AS is_bound
FROM sys.sql_expression_dependencies AS d
WHERE d.referenced_database_name IS NULL AND d.referenced_server_name IS NULL
