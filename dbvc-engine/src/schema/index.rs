//! Indexes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::is_false;

/// Where NULLs stand, where that is not the database's habit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum NullOrder {
    /// Before everything else.
    First,
    /// After everything else.
    Last,
}

/// What an index is sorted or hashed by: a column or an expression.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct IndexPart {
    /// The column's name.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// The expression, as the database writes it; with parentheses where it needs them.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub expression: Option<String>,
    /// From the largest to the smallest.
    #[serde(default, skip_serializing_if = "is_false")]
    pub descending: bool,
    /// Where NULLs stand, if not where they stand by habit.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub nulls: Option<NullOrder>,
    /// The collation, if not the column's.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collation: Option<String>,
    /// The operator class with its parameters, if not the type's default.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operator_class: Option<String>,
    /// How much of the value's beginning counts, in the database's unit (MySQL).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub prefix: Option<u32>,
}

impl IndexPart {
    /// A column, plain.
    pub fn column(name: impl Into<String>) -> Self {
        Self {
            column: Some(name.into()),
            ..Self::default()
        }
    }

    /// An expression, plain.
    pub fn expression(text: impl Into<String>) -> Self {
        Self {
            expression: Some(text.into()),
            ..Self::default()
        }
    }
}

/// An index that does not belong to a key.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Index {
    /// Whether values may stand in it only once.
    #[serde(default, skip_serializing_if = "is_false")]
    pub unique: bool,
    /// How it is kept (`btree`, `gin`); empty where the database has one way only.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub method: String,
    /// What it is by, in order.
    pub parts: Vec<IndexPart>,
    /// Columns kept along with it.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub include: Vec<String>,
    /// Which rows it holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filter: Option<String>,
    /// Whether the database made up its name.
    #[serde(default, skip_serializing_if = "is_false")]
    pub generated_name: bool,
    /// What people wrote about it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub comment: Option<String>,
    /// What only one database knows.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub options: BTreeMap<String, String>,
}
