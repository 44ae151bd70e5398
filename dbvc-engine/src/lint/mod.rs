//! Rules that a schema is held to, beyond what the database demands.
//!
//! They come in packs that a project switches on. A pack reads the neutral model only, so that it holds on every
//! database and for every schema, whether that is live, a snapshot, or what a folder of migrations makes.

mod data_vault;
mod patterns;

pub use data_vault::{DataVault, DataVaultRule, Inspected};
pub use patterns::Patterns;

use serde::Serialize;

use crate::schema::ObjectKey;

/// Where a schema breaks a rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Violation {
    /// The rule's name, as settings have it.
    pub rule: &'static str,
    /// What breaks it; none where something is missing altogether.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub object: Option<ObjectKey>,
    /// The column, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// What is wrong, and what would be right.
    pub message: String,
}
