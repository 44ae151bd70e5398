//! What a script says about itself in the comments at its top.

use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::key::MigrationKey;

mod duration;
mod header;
mod parse;
#[cfg(test)]
mod tests;

pub(crate) use header::Header;
pub(crate) use parse::{Complaint, is_goose_no_transaction, is_own};

/// The directives of one script. They stand in `--` comments before the first SQL token:
///
/// ```sql
/// -- dbvc: no-transaction lock-timeout=5s
/// -- dbvc: environment=staging,production requires=1.2.0
/// ```
///
/// Goose's `-- +goose NO TRANSACTION`, dbmate's `-- migrate:up transaction:false` and sqlx's `-- no-transaction` mean
/// the same as `no-transaction`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "kebab-case")]
#[non_exhaustive]
pub struct Directives {
    /// Run outside a transaction.
    pub no_transaction: bool,
    /// How long one statement may take; zero means no limit.
    #[serde(with = "duration")]
    pub statement_timeout: Option<Duration>,
    /// How long a statement may wait for a lock of the database; zero means no limit.
    #[serde(with = "duration")]
    pub lock_timeout: Option<Duration>,
    /// Run in these environments only; in all if empty.
    pub environments: Vec<String>,
    /// Migrations that must have run before.
    pub requires: Vec<MigrationKey>,
    /// A repeatable migration that runs each time, changed or not.
    pub runs_always: bool,
    /// Whether `${name}` is filled in.
    pub placeholders: bool,
    /// Why there is no undo script.
    pub irreversible: Option<String>,
}

impl Default for Directives {
    fn default() -> Self {
        Self {
            no_transaction: false,
            statement_timeout: None,
            lock_timeout: None,
            environments: Vec::new(),
            requires: Vec::new(),
            runs_always: false,
            placeholders: true,
            irreversible: None,
        }
    }
}
