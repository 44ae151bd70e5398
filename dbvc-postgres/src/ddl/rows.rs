//! Rows as literals.

use dbvc_engine::driver::RowSql;
use dbvc_engine::schema::{Column, ObjectKey, Table, TypeFamily, in_order};

use super::names::{full, literal, quoted};

/// How the rows of a table are read. The server quotes each value itself; a literal without a type takes that of its
/// column.
pub(super) fn rows(key: &ObjectKey, table: &Table) -> RowSql {
    let columns: Vec<(&str, &Column)> = in_order(&table.columns)
        .into_iter()
        .filter(|(_, column)| column.generated.is_none())
        .collect();
    let place = |name: &str| columns.iter().position(|(column, _)| *column == name);
    let unique = table.keys.values().filter(|it| {
        let mut parts = it.parts.iter().map(|part| part.column.as_ref());
        parts.all(|name| name.is_some_and(|name| table.columns.get(name).is_some_and(|it| !it.nullable)))
    });
    let key_columns: Vec<&str> = unique
        .max_by_key(|it| it.primary)
        .map(|it| {
            it.parts
                .iter()
                .filter_map(|part| part.column.as_deref())
                .collect()
        })
        .unwrap_or_default();
    let names: Vec<String> = columns.iter().map(|(name, _)| quoted(name)).collect();
    let name = full(key);
    let always = columns
        .iter()
        .any(|(_, column)| column.identity.as_ref().is_some_and(|it| it.always));
    let overriding = if always { " OVERRIDING SYSTEM VALUE" } else { "" };
    RowSql {
        literals: columns
            .iter()
            .map(|(name, column)| value(&quoted(name), column))
            .collect(),
        key: key_columns.iter().filter_map(|name| place(name)).collect(),
        key_columns: key_columns.iter().map(|name| quoted(name)).collect(),
        insert: format!("INSERT INTO {name} ({}){overriding} VALUES", names.join(", ")),
        after: columns
            .iter()
            .filter(|(_, column)| counts_up(column))
            .map(|(column, _)| {
                format!(
                    "SELECT setval(pg_get_serial_sequence({}, {}), coalesce(max({column}), 1), count(*) > 0) FROM {name}",
                    literal(&name),
                    literal(column),
                    column = quoted(column),
                )
            })
            .collect(),
        table: name,
        ..RowSql::default()
    }
}

/// An identity column, or one with a sequence of its own (`serial`). Where the default names another's sequence, the
/// server gives none for the column, and moving nothing on does nothing.
fn counts_up(column: &Column) -> bool {
    let serial = column
        .default
        .as_deref()
        .is_some_and(|text| text.starts_with("nextval("));
    column.identity.is_some() || serial
}

/// A point in time is written in UTC, whatever the session's zone.
fn value(name: &str, column: &Column) -> String {
    match column.data_type.family {
        TypeFamily::Integer | TypeFamily::Boolean => format!("coalesce({name}::text, 'NULL')"),
        TypeFamily::Decimal | TypeFamily::Float => format!(
            "CASE WHEN {name}::text ~ '^-?[0-9.]+$' THEN {name}::text ELSE quote_nullable({name}::text) END"
        ),
        TypeFamily::TimestampTz => format!(
            "CASE WHEN isfinite({name}) THEN quote_literal(({name} AT TIME ZONE 'UTC')::text || '+00') \
             ELSE quote_nullable({name}::text) END"
        ),
        _ => format!("quote_nullable({name}::text)"),
    }
}
