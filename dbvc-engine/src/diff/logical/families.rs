//! Which families of types stand in for which.

use crate::schema::TypeFamily;

/// How two families relate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kinship {
    /// The same.
    Same,
    /// The nearest that a system has; what is lost.
    Near(&'static str),
    /// Different things.
    Strange,
}

/// What is lost where one family stands in for another, whichever side has which.
const NEAR: &[(TypeFamily, TypeFamily, &str)] = &[
    (
        TypeFamily::Boolean,
        TypeFamily::Integer,
        "a number stands for true and false",
    ),
    (
        TypeFamily::TimestampTz,
        TypeFamily::Timestamp,
        "one side does not know which zone a time is in",
    ),
    (
        TypeFamily::TimestampTz,
        TypeFamily::Text,
        "one side keeps points in time as text",
    ),
    (
        TypeFamily::Timestamp,
        TypeFamily::Text,
        "one side keeps times as text",
    ),
    (TypeFamily::Date, TypeFamily::Text, "one side keeps days as text"),
    (TypeFamily::Time, TypeFamily::Text, "one side keeps times as text"),
    (
        TypeFamily::Uuid,
        TypeFamily::Text,
        "one side keeps identifiers as text",
    ),
    (
        TypeFamily::Uuid,
        TypeFamily::Binary,
        "one side keeps identifiers as bytes",
    ),
    (
        TypeFamily::Json,
        TypeFamily::Text,
        "one side does not check that it is JSON",
    ),
    (
        TypeFamily::Xml,
        TypeFamily::Text,
        "one side does not check that it is XML",
    ),
    (TypeFamily::Enum, TypeFamily::Text, "one side takes any word"),
    (
        TypeFamily::Array,
        TypeFamily::Json,
        "one side keeps lists as JSON",
    ),
    (
        TypeFamily::Interval,
        TypeFamily::Text,
        "one side keeps lengths of time as text",
    ),
    (
        TypeFamily::Network,
        TypeFamily::Text,
        "one side takes any text for an address",
    ),
    (
        TypeFamily::Decimal,
        TypeFamily::Float,
        "one side rounds: not for money",
    ),
    (
        TypeFamily::Bits,
        TypeFamily::Binary,
        "one side counts bytes and not bits",
    ),
    (
        TypeFamily::Bits,
        TypeFamily::Integer,
        "one side keeps bits as a number",
    ),
    (
        TypeFamily::Spatial,
        TypeFamily::Binary,
        "one side keeps shapes as bytes",
    ),
];

pub(super) fn kinship(one: TypeFamily, other: TypeFamily) -> Kinship {
    if one == other {
        return Kinship::Same;
    }
    let near = NEAR
        .iter()
        .find(|(a, b, _)| (*a, *b) == (one, other) || (*b, *a) == (one, other));
    near.map_or(Kinship::Strange, |(.., lost)| Kinship::Near(lost))
}
