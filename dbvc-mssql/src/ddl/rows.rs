//! Rows as literals.

use dbvc_engine::driver::RowSql;
use dbvc_engine::schema::{Column, Key, ObjectKey, Table, TypeFamily, in_order};

use super::names::{full, quoted};
use super::tables::option;

/// How the rows of a table are read. What a `sql_variant` holds is read as text, whatever its type; that is told.
pub(super) fn rows(key: &ObjectKey, table: &Table) -> RowSql {
    let columns: Vec<(&str, &Column)> = in_order(&table.columns)
        .into_iter()
        .filter(|(_, column)| is_given(column))
        .collect();
    let name = full(key);
    let names: Vec<String> = columns.iter().map(|(name, _)| quoted(name)).collect();
    let counted = columns.iter().any(|(_, column)| column.identity.is_some());
    // Only one table of a session can be open for values that the server counts.
    let open = |word: &str| {
        let statement = format!("SET IDENTITY_INSERT {name} {word}");
        counted.then_some(statement).into_iter().collect::<Vec<_>>()
    };
    let key_columns = unique(table, &columns);
    let place = |name: &&str| columns.iter().position(|(column, _)| column == name);
    RowSql {
        literals: columns
            .iter()
            .map(|(name, column)| value(&quoted(name), column))
            .collect(),
        key: key_columns.iter().filter_map(place).collect(),
        key_columns: key_columns.iter().map(|name| quoted(name)).collect(),
        insert: format!("INSERT INTO {name} ({}) VALUES", names.join(", ")),
        before: open("ON"),
        after: open("OFF"),
        spelled_out: true,
        altered: columns
            .iter()
            .filter(|(_, column)| column.data_type.raw == "sql_variant")
            .map(|(name, _)| {
                format!("column {name}: a sql_variant is written as text; the type of its value is lost")
            })
            .collect(),
        table: name,
    }
}

/// The columns of a key that is never NULL, the primary one if it is such; floating point numbers cannot be found again by
/// what they are written as.
fn unique<'a>(table: &'a Table, columns: &[(&str, &Column)]) -> Vec<&'a str> {
    let fits = |name: &str| {
        let found = columns.iter().find(|(column, _)| *column == name);
        found.is_some_and(|(_, it)| !it.nullable && it.data_type.family != TypeFamily::Float)
    };
    let names = |key: &'a Key| key.parts.iter().filter_map(|part| part.column.as_deref());
    let keys = table.keys.values().filter(|key| names(key).all(fits));
    keys.max_by_key(|key| key.primary)
        .map(|key| names(key).collect())
        .unwrap_or_default()
}

/// Columns that are not computed, not counted by the server alone, and no view of others.
fn is_given(column: &Column) -> bool {
    column.generated.is_none()
        && column.data_type.raw != "timestamp"
        && option(&column.options, "generated_always").is_none()
        && option(&column.options, "column_set").is_none()
}

/// An expression that gives a literal (manual, "CAST and CONVERT", styles).
fn value(name: &str, column: &Column) -> String {
    let text = |text: &str| format!("COALESCE(N'N''' + REPLACE({text}, N'''', N'''''') + N'''', N'NULL')");
    match column.data_type.family {
        TypeFamily::Integer | TypeFamily::Boolean | TypeFamily::Decimal => {
            let style = if column.data_type.raw.ends_with("money") {
                ", 2"
            } else {
                ""
            };
            format!("COALESCE(CONVERT(nvarchar(60), {name}{style}), N'NULL')")
        }
        TypeFamily::Float => format!("COALESCE(CONVERT(nvarchar(60), {name}, 3), N'NULL')"),
        TypeFamily::Binary => {
            format!("COALESCE(CONVERT(nvarchar(max), CONVERT(varbinary(max), {name}), 1), N'NULL')")
        }
        TypeFamily::Date | TypeFamily::Time | TypeFamily::Timestamp | TypeFamily::TimestampTz => {
            text(&format!("CONVERT(nvarchar(60), {name}, 126)"))
        }
        TypeFamily::Spatial => text(&format!("{name}.ToString()")),
        _ => text(&format!("CONVERT(nvarchar(max), {name})")),
    }
}
