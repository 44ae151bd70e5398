//! Rows as literals.

use dbvc_engine::driver::RowSql;
use dbvc_engine::schema::{Column, ObjectKey, Table, in_order};

use super::quoted;

/// How the rows of a table are read: a value keeps its storage class, whatever its column's type says.
pub(super) fn rows(key: &ObjectKey, table: &Table) -> RowSql {
    let columns: Vec<(&str, &Column)> = in_order(&table.columns)
        .into_iter()
        .filter(|(_, column)| column.generated.is_none())
        .collect();
    let primary = table.keys.values().find(|it| it.primary);
    let key_columns: Vec<&str> = primary
        .filter(|it| it.parts.iter().all(|part| part.column.is_some()))
        .map(|it| {
            it.parts
                .iter()
                .filter_map(|part| part.column.as_deref())
                .collect()
        })
        .unwrap_or_default();
    // But for the row's number, a primary key may hold NULLs here (sqlite.org/lang_createtable.html, "The PRIMARY KEY").
    let certain = |name: &&str| {
        table
            .columns
            .get(*name)
            .is_some_and(|it| !it.nullable || it.data_type.raw.eq_ignore_ascii_case("integer"))
    };
    let key_columns = if key_columns.iter().all(certain) {
        key_columns
    } else {
        Vec::new()
    };
    let names: Vec<String> = columns.iter().map(|(name, _)| quoted(name)).collect();
    let name = quoted(&key.name);
    RowSql {
        literals: names.iter().map(|name| value(name)).collect(),
        key: key_columns
            .iter()
            .filter_map(|wanted| columns.iter().position(|(name, _)| name == wanted))
            .collect(),
        key_columns: key_columns.iter().map(|name| quoted(name)).collect(),
        insert: format!("INSERT INTO {name} ({}) VALUES", names.join(", ")),
        table: name,
        ..RowSql::default()
    }
}

/// `quote` ends a text at its first NUL (`sqlite.org/lang_corefunc.html`, "quote").
fn value(name: &str) -> String {
    format!(
        "CASE WHEN typeof({name}) = 'text' AND instr({name}, char(0)) > 0 \
         THEN 'CAST(X''' || hex({name}) || ''' AS TEXT)' ELSE quote({name}) END"
    )
}
