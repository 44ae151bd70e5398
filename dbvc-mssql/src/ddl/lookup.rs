//! Constraints whose names the server made up.
//!
//! Such a name is another one in every database, so a script that is run on several looks for the constraint by what it
//! is.

use dbvc_engine::schema::{Check, ForeignKey, Key};

use super::names::{literal, quoted, within};

/// A statement that does something (`DROP CONSTRAINT`) to the constraint that `from` and the conditions find.
fn found(table: &str, what: &str, from: &str) -> String {
    let whose = literal(table);
    let begin = literal(&format!("ALTER TABLE {table} {what} "));
    format!(
        "DECLARE @found nvarchar(max) = (\n  SELECT TOP (1) {begin} + QUOTENAME(c.name)\n  FROM {from}\n  \
         ORDER BY c.name);\nEXEC (@found)"
    )
    .replace("{table}", &whose)
}

/// That of a column's default.
pub(super) fn default(table: &str, column: &str, what: &str) -> String {
    let from = format!(
        "sys.default_constraints AS c\n  WHERE c.parent_object_id = OBJECT_ID({{table}})\n    AND \
         COL_NAME(c.parent_object_id, c.parent_column_id) = {}",
        literal(column)
    );
    found(table, what, &from)
}

/// A condition's, by its text.
pub(super) fn check(table: &str, check: &Check, what: &str) -> String {
    let from = format!(
        "sys.check_constraints AS c\n  WHERE c.parent_object_id = OBJECT_ID({{table}}) AND c.is_system_named = 1\n    \
         AND c.definition = {}",
        literal(&check.expression)
    );
    found(table, what, &from)
}

/// The columns of something as one text, in their order.
fn columns<'a>(names: impl IntoIterator<Item = &'a str>) -> String {
    let all: Vec<String> = names.into_iter().map(quoted).collect();
    literal(&format!(",{}", all.join(",")))
}

/// A key's, by its columns.
pub(super) fn key(table: &str, key: &Key, what: &str) -> String {
    let sort = if key.primary { "PK" } else { "UQ" };
    let names = key.parts.iter().filter_map(|part| part.column.as_deref());
    let from = format!(
        "sys.key_constraints AS c\n  WHERE c.parent_object_id = OBJECT_ID({{table}}) AND c.type = '{sort}' AND \
         c.is_system_named = 1\n    AND (SELECT N',' + QUOTENAME(COL_NAME(i.object_id, i.column_id)) FROM \
         sys.index_columns AS i\n      WHERE i.object_id = c.parent_object_id AND i.index_id = c.unique_index_id AND \
         i.key_ordinal > 0\n      ORDER BY i.key_ordinal FOR XML PATH(N''), TYPE).value(N'.', N'nvarchar(max)') = {}",
        columns(names)
    );
    found(table, what, &from)
}

/// A foreign key's, by its columns and the table that it points to.
pub(super) fn foreign_key(table: &str, key: &ForeignKey, what: &str) -> String {
    let target = &key.references;
    let parent = target
        .schema
        .as_ref()
        .map_or_else(|| quoted(&target.table), |schema| within(schema, &target.table));
    let from = format!(
        "sys.foreign_keys AS c\n  WHERE c.parent_object_id = OBJECT_ID({{table}}) AND c.is_system_named = 1\n    AND \
         c.referenced_object_id = OBJECT_ID({})\n    AND (SELECT N',' + QUOTENAME(COL_NAME(k.parent_object_id, \
         k.parent_column_id)) FROM sys.foreign_key_columns AS k\n      WHERE k.constraint_object_id = c.object_id \
         ORDER BY k.constraint_column_id\n      FOR XML PATH(N''), TYPE).value(N'.', N'nvarchar(max)') = {}",
        literal(&parent),
        columns(key.columns.iter().map(String::as_str))
    );
    found(table, what, &from)
}
