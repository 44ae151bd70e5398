//! Types of columns.

use std::fmt;

use serde::{Deserialize, Serialize};

/// What a type is for, the same in every database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum TypeFamily {
    /// True or false.
    Boolean,
    /// A whole number.
    Integer,
    /// An exact number with a fraction.
    Decimal,
    /// An inexact number.
    Float,
    /// Text.
    Text,
    /// Bytes.
    Binary,
    /// A day.
    Date,
    /// A time of day.
    Time,
    /// A day and a time of day.
    Timestamp,
    /// A point in time, whatever the clock's zone.
    TimestampTz,
    /// A length of time.
    Interval,
    /// A universally unique identifier.
    Uuid,
    /// JSON.
    Json,
    /// XML.
    Xml,
    /// One of a list of words.
    Enum,
    /// Several values of one type.
    Array,
    /// Several named values.
    Composite,
    /// A span of values.
    Range,
    /// A shape or place.
    Spatial,
    /// An address in a network.
    Network,
    /// A string of bits.
    Bits,
    /// Anything else.
    #[default]
    Other,
}

/// A type: what it is for, and how the database writes it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct DataType {
    /// What it is for.
    pub family: TypeFamily,
    /// As the database writes it, with its length and precision; the one spelling that the adapter has chosen.
    pub raw: String,
}

impl DataType {
    /// A type.
    pub fn new(family: TypeFamily, raw: impl Into<String>) -> Self {
        Self {
            family,
            raw: raw.into(),
        }
    }
}

impl fmt::Display for DataType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.raw)
    }
}
