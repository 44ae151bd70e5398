//! Types as the server's own scripts write them.

use dbvc_engine::schema::{DataType, TypeFamily};

use super::row::Row;
use crate::ddl::names::{quoted, within};

/// A column's or a sequence's type.
pub(super) fn of_column(row: Row<'_>) -> DataType {
    let name = row.word("type_name");
    let base = row.text("base_type").unwrap_or(name);
    if row.flag("type_is_made") {
        return DataType::new(family(base), within(row.word("type_schema"), name));
    }
    // `sysname` has a base, and says more than it.
    let mut raw = built_in(row, name);
    if name == "xml" && row.text("xml_collection").is_some() {
        let how = if row.flag("is_xml_document") {
            "DOCUMENT "
        } else {
            ""
        };
        raw = format!(
            "xml({how}{}.{})",
            quoted(row.word("xml_schema")),
            quoted(row.word("xml_collection"))
        );
    }
    DataType::new(family(base), raw)
}

/// A type of the server's with its length or precision.
pub(super) fn built_in(row: Row<'_>, name: &str) -> String {
    let (length, scale) = (row.number("max_length"), row.number("scale").unwrap_or_default());
    let bytes = |each: i64| match length {
        Some(-1) => "max".to_owned(),
        other => (other.unwrap_or_default() / each).to_string(),
    };
    match name {
        "char" | "varchar" | "binary" | "varbinary" => format!("{name}({})", bytes(1)),
        "nchar" | "nvarchar" => format!("{name}({})", bytes(2)),
        "decimal" | "numeric" => format!("{name}({}, {scale})", row.word("precision")),
        "datetime2" | "datetimeoffset" | "time" => format!("{name}({scale})"),
        "vector" => format!("{name}({})", row.word("vector_dimensions")),
        // Another precision than 53 is the type `real` (manual, "float and real").
        _ => name.to_owned(),
    }
}

/// What a type is for.
pub(super) fn family(name: &str) -> TypeFamily {
    match name {
        "bit" => TypeFamily::Boolean,
        "tinyint" | "smallint" | "int" | "bigint" => TypeFamily::Integer,
        "decimal" | "numeric" | "money" | "smallmoney" => TypeFamily::Decimal,
        "float" | "real" => TypeFamily::Float,
        "char" | "varchar" | "nchar" | "nvarchar" | "text" | "ntext" | "sysname" => TypeFamily::Text,
        "binary" | "varbinary" | "image" | "timestamp" => TypeFamily::Binary,
        "date" => TypeFamily::Date,
        "time" => TypeFamily::Time,
        "datetime" | "datetime2" | "smalldatetime" => TypeFamily::Timestamp,
        "datetimeoffset" => TypeFamily::TimestampTz,
        "uniqueidentifier" => TypeFamily::Uuid,
        "xml" => TypeFamily::Xml,
        "json" => TypeFamily::Json,
        "geometry" | "geography" => TypeFamily::Spatial,
        _ => TypeFamily::Other,
    }
}
