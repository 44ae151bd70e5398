-- Conditions on rows.
SELECT k.parent_object_id AS id, k.object_id AS key_id, k.name, k.definition, k.is_system_named, k.is_disabled,
  k.is_not_trusted, k.is_not_for_replication
FROM sys.check_constraints AS k
