//! Indexes as SQL.

use std::collections::BTreeMap;

use dbvc_engine::schema::{Index, IndexPart, NullOrder, ObjectKey};

use super::names::{full, list, put, quoted, within};
use super::{Script, parameters};

/// Options that are no storage parameters.
pub(super) const INDEX_TOLD: &[&str] = &[
    "nulls_not_distinct",
    "invalid",
    "clustered",
    "replica_identity",
    "tablespace",
];

/// Indexes of a table or a view.
pub(super) fn indexes(script: &mut Script, key: &ObjectKey, indexes: &BTreeMap<String, Index>) {
    for (name, it) in indexes {
        index(script, key, name, it);
    }
}

/// An index's full name: it is in its table's schema.
pub(super) fn index_name(key: &ObjectKey, name: &str) -> String {
    key.schema
        .as_ref()
        .map_or_else(|| quoted(name), |schema| within(schema, name))
}

pub(super) fn index(script: &mut Script, key: &ObjectKey, name: &str, index: &Index) {
    let unique = if index.unique { "UNIQUE " } else { "" };
    let parts: Vec<String> = index.parts.iter().map(index_part).collect();
    let mut sql = format!(
        "CREATE {unique}INDEX {} ON {} USING {} ({})",
        quoted(name),
        full(key),
        quoted(&index.method),
        parts.join(", ")
    );
    if !index.include.is_empty() {
        put(&mut sql, format_args!(" INCLUDE ({})", list(&index.include)));
    }
    if index.options.contains_key("postgres.nulls_not_distinct") {
        sql.push_str(" NULLS NOT DISTINCT");
    }
    if let Some(with) = parameters(&index.options, INDEX_TOLD) {
        put(&mut sql, format_args!(" WITH ({with})"));
    }
    if let Some(space) = index.options.get("postgres.tablespace") {
        put(&mut sql, format_args!(" TABLESPACE {}", quoted(space)));
    }
    if let Some(filter) = &index.filter {
        put(&mut sql, format_args!(" WHERE {filter}"));
    }
    script.add(&sql);
    let place = index_name(key, name);
    for (option, target) in &index.options {
        if let Some(number) = option.strip_prefix("postgres.statistics.") {
            script.add(&format!(
                "ALTER INDEX {place} ALTER COLUMN {number} SET STATISTICS {target}"
            ));
        }
    }
    script.comment(&format!("INDEX {place}"), index.comment.as_deref());
}

fn index_part(part: &IndexPart) -> String {
    let mut sql = match (&part.column, &part.expression) {
        (Some(column), _) => quoted(column),
        (None, Some(expression)) => expression.clone(),
        (None, None) => String::new(),
    };
    if let Some(collation) = &part.collation {
        put(&mut sql, format_args!(" COLLATE {collation}"));
    }
    if let Some(class) = &part.operator_class {
        put(&mut sql, format_args!(" {class}"));
    }
    if part.descending {
        sql.push_str(" DESC");
    }
    match part.nulls {
        Some(NullOrder::First) => sql.push_str(" NULLS FIRST"),
        Some(NullOrder::Last) => sql.push_str(" NULLS LAST"),
        None => {}
    }
    sql
}
