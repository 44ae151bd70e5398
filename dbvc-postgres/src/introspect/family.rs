//! What a type is for.

use dbvc_engine::schema::TypeFamily;

/// From the type's category (manual, 53.64 "`pg_type`", table "`typcategory` Codes") and its name.
pub(super) fn family(category: &str, name: &str) -> TypeFamily {
    match (category, name) {
        ("B", _) => TypeFamily::Boolean,
        ("N", "numeric" | "money") => TypeFamily::Decimal,
        ("N", "float4" | "float8") => TypeFamily::Float,
        ("N", _) => TypeFamily::Integer,
        ("S", _) => TypeFamily::Text,
        ("D", "date") => TypeFamily::Date,
        ("D", "time" | "timetz") => TypeFamily::Time,
        ("D", "timestamp") => TypeFamily::Timestamp,
        ("D", "timestamptz") => TypeFamily::TimestampTz,
        ("T", _) => TypeFamily::Interval,
        ("A", _) => TypeFamily::Array,
        ("E", _) => TypeFamily::Enum,
        ("C", _) => TypeFamily::Composite,
        ("R", _) => TypeFamily::Range,
        ("G", _) | (_, "geometry" | "geography") => TypeFamily::Spatial,
        ("I", _) | (_, "macaddr" | "macaddr8") => TypeFamily::Network,
        ("V", _) => TypeFamily::Bits,
        (_, "uuid") => TypeFamily::Uuid,
        (_, "json" | "jsonb") => TypeFamily::Json,
        (_, "xml") => TypeFamily::Xml,
        (_, "bytea") => TypeFamily::Binary,
        _ => TypeFamily::Other,
    }
}
