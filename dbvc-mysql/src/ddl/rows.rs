//! Rows as literals.

use dbvc_engine::driver::RowSql;
use dbvc_engine::schema::{Column, ObjectKey, Table, TypeFamily, in_order};

use crate::introspect::quoted;

/// The first value of a counting column may be 0, and a day may be `0000-00-00`, as they are in the table; what does not
/// fit is still refused.
const BEFORE: [&str; 2] = [
    "SET NAMES utf8mb4",
    "SET sql_mode = 'STRICT_ALL_TABLES,NO_AUTO_VALUE_ON_ZERO', time_zone = '+00:00'",
];
const AFTER: &str = "SET sql_mode = DEFAULT, time_zone = DEFAULT";

/// How the rows of a table are read.
pub(super) fn rows(key: &ObjectKey, table: &Table) -> RowSql {
    let columns: Vec<(&str, &Column)> = in_order(&table.columns)
        .into_iter()
        .filter(|(_, column)| column.generated.is_none() && !column.options.contains_key("mysql.row"))
        .collect();
    let place = |name: &str| columns.iter().position(|(column, _)| *column == name);
    let unique = table.keys.values().filter(|it| {
        it.parts.iter().all(|part| {
            let column = part.column.as_ref().and_then(|name| table.columns.get(name));
            part.prefix.is_none() && column.is_some_and(|column| !column.nullable && is_ordered_alike(column))
        })
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
    let name = quoted(&key.name);
    RowSql {
        literals: columns
            .iter()
            .map(|(name, column)| value(&quoted(name), column))
            .collect(),
        key: key_columns.iter().filter_map(|name| place(name)).collect(),
        key_columns: key_columns.iter().map(|name| quoted(name)).collect(),
        before: BEFORE.map(str::to_owned).to_vec(),
        insert: format!("INSERT INTO {name} ({}) VALUES", names.join(", ")),
        after: vec![AFTER.to_owned()],
        table: name,
        ..RowSql::default()
    }
}

/// Whether a comparison with a literal goes by the same order as `ORDER BY`. Words of an `ENUM` are compared as texts but
/// ordered by their numbers (manual, "The ENUM Type"), and a `timestamp` is compared in the session's zone.
fn is_ordered_alike(column: &Column) -> bool {
    matches!(
        column.data_type.family,
        TypeFamily::Boolean
            | TypeFamily::Integer
            | TypeFamily::Decimal
            | TypeFamily::Text
            | TypeFamily::Binary
            | TypeFamily::Date
            | TypeFamily::Timestamp
            | TypeFamily::Uuid
    )
}

/// An expression that gives a column's value as a literal. Bytes, shapes and vectors are written as their bytes. A `FLOAT`
/// as a text has six digits only (manual, "Problems with Floating-Point Values"), as a `DOUBLE` all that it needs; a sum of
/// `DOUBLE`s has two fewer at times than the column itself. A point in
/// time is written in UTC, whatever the session's zone.
fn value(name: &str, column: &Column) -> String {
    let bytes = format!("COALESCE(CONCAT('x''', HEX({name}), ''''), 'NULL')");
    match column.data_type.family {
        TypeFamily::Float if column.data_type.raw.starts_with("float") => {
            format!("COALESCE(CONCAT({name} + 0e0), 'NULL')")
        }
        TypeFamily::Boolean | TypeFamily::Integer | TypeFamily::Decimal | TypeFamily::Float => {
            format!("COALESCE(CONCAT({name}), 'NULL')")
        }
        TypeFamily::Bits => format!("COALESCE(CONCAT('0x', HEX({name})), 'NULL')"),
        TypeFamily::Binary | TypeFamily::Spatial => bytes,
        TypeFamily::Array if column.data_type.raw.starts_with("vector") => bytes,
        TypeFamily::TimestampTz => format!(
            "CASE WHEN UNIX_TIMESTAMP({name}) = 0 THEN QUOTE({name}) ELSE QUOTE(TIMESTAMPADD(MICROSECOND, \
             CAST(UNIX_TIMESTAMP({name}) * 1000000 AS SIGNED), '1970-01-01 00:00:00')) END"
        ),
        _ => format!("QUOTE({name})"),
    }
}
