//! Types that people make.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Check, Column, DataType};

/// A type that people made.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "form", rename_all = "kebab-case")]
pub enum TypeBody {
    /// One of a list of words.
    Enum {
        /// The words in order.
        labels: Vec<String>,
    },
    /// Another type with conditions.
    Domain {
        /// The type.
        base: DataType,
        /// Whether it may be NULL.
        nullable: bool,
        /// The expression that stands in for a value that is not given.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        default: Option<String>,
        /// The collation, if not the type's.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        collation: Option<String>,
        /// The conditions.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        checks: BTreeMap<String, Check>,
    },
    /// Several named values.
    Composite {
        /// The values' types.
        #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
        columns: BTreeMap<String, Column>,
    },
    /// Another one, as the database writes it.
    Written {
        /// What follows its name.
        definition: String,
    },
}
