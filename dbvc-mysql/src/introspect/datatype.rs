//! Types of columns, in one spelling for both servers.

use dbvc_engine::schema::{DataType, TypeFamily};

use super::cursor::{Cursor, meaning};
use super::text::string;

/// What a number before or in parentheses is: how wide it is shown. MySQL 8.0.19 and later do not keep it (manual,
/// "Numeric Type Syntax"), and it means something only with `ZEROFILL`. `tinyint(1)` is what both make of `BOOLEAN`.
const SHOWN_WIDE: &[&str] = &["tinyint", "smallint", "mediumint", "int", "bigint", "year"];

/// Takes a type.
pub(super) fn read(cursor: &mut Cursor<'_>) -> DataType {
    let mut word = cursor.name().unwrap_or_default().to_lowercase();
    if word == "geomcollection" {
        "geometrycollection".clone_into(&mut word);
    }
    let arguments = cursor.list().map(|list| arguments(&list));
    let mut ending = String::new();
    for modifier in ["unsigned", "zerofill"] {
        if cursor.take(&[modifier]) {
            ending.push(' ');
            ending.push_str(modifier);
        }
    }
    let arguments = arguments.filter(|arguments| {
        !SHOWN_WIDE.contains(&word.as_str())
            || ending.ends_with("zerofill")
            || (word == "tinyint" && arguments == "1")
    });
    let family = family(&word, arguments.as_deref());
    let arguments = arguments.map(|it| format!("({it})")).unwrap_or_default();
    DataType::new(family, format!("{word}{arguments}{ending}"))
}

fn arguments(list: &Cursor<'_>) -> String {
    let items = list.items().into_iter().map(|mut item| match meaning(&mut item) {
        Some(label) => string(&label),
        None => item.rest().to_owned(),
    });
    items.collect::<Vec<_>>().join(",")
}

fn family(word: &str, arguments: Option<&str>) -> TypeFamily {
    match (word, arguments) {
        ("tinyint", Some("1")) => TypeFamily::Boolean,
        ("tinyint" | "smallint" | "mediumint" | "int" | "bigint" | "year", _) => TypeFamily::Integer,
        ("decimal", _) => TypeFamily::Decimal,
        ("float" | "double", _) => TypeFamily::Float,
        ("char" | "varchar" | "tinytext" | "text" | "mediumtext" | "longtext", _) => TypeFamily::Text,
        ("binary" | "varbinary" | "tinyblob" | "blob" | "mediumblob" | "longblob", _) => TypeFamily::Binary,
        ("date", _) => TypeFamily::Date,
        ("time", _) => TypeFamily::Time,
        ("datetime", _) => TypeFamily::Timestamp,
        ("timestamp", _) => TypeFamily::TimestampTz,
        ("json", _) => TypeFamily::Json,
        ("enum", _) => TypeFamily::Enum,
        ("set" | "vector", _) => TypeFamily::Array,
        ("bit", _) => TypeFamily::Bits,
        ("uuid", _) => TypeFamily::Uuid,
        ("inet4" | "inet6", _) => TypeFamily::Network,
        ("xmltype", _) => TypeFamily::Xml,
        (
            "geometry" | "point" | "linestring" | "polygon" | "multipoint" | "multilinestring"
            | "multipolygon" | "geometrycollection",
            _,
        ) => TypeFamily::Spatial,
        _ => TypeFamily::Other,
    }
}

/// Whether a default of the type is written as a number; MySQL puts it in quotes nevertheless.
pub(super) fn is_number(data_type: &DataType) -> bool {
    matches!(
        data_type.family,
        TypeFamily::Boolean | TypeFamily::Integer | TypeFamily::Decimal | TypeFamily::Float
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_servers_spellings_become_one() {
        for (written, one) in [
            ("int(11)", "int"),
            ("int", "int"),
            ("bigint(20) unsigned", "bigint unsigned"),
            ("int(5) unsigned zerofill", "int(5) unsigned zerofill"),
            ("tinyint(1)", "tinyint(1)"),
            ("tinyint(4)", "tinyint"),
            ("year(4)", "year"),
            ("decimal(10,2)", "decimal(10,2)"),
            ("enum('a','it''s')", "enum('a','it''s')"),
            ("geomcollection", "geometrycollection"),
            ("datetime /* mariadb-5.3 */", "datetime"),
        ] {
            assert_eq!(read(&mut Cursor::new(written)).raw, one);
        }
    }
}
