//! The driver: name, schemes, dialect.

use std::sync::Arc;

use async_trait::async_trait;
use dbvc_engine::driver::{
    Capabilities, DdlRollback, DdlWriter, Driver, DriverInfo, LockKind, Scratch, Session, Target,
    TargetError, TransactionFit,
};
use dbvc_engine::error::Result;
use dbvc_engine::sql::{Dialect, TokenKind, leading_words, tokens};

use crate::connect::{Settings, connect};
use crate::{beyond, scratch};

/// What every SQLite session can do.
pub(crate) const CAPABILITIES: Capabilities = Capabilities {
    ddl: DdlRollback::Transaction,
    lock: LockKind::File,
    fenced_transactions: true,
    cancel: true,
    statement_timeout: true,
    lock_timeout: true,
    error_position: true,
    resolve: true,
    ..Capabilities::NONE
};

const INFO: DriverInfo = DriverInfo {
    name: "sqlite",
    title: "SQLite",
    schemes: &["sqlite"],
    example_url: "sqlite:app.db",
    capabilities: CAPABILITIES,
};

/// SQLite.
#[derive(Debug, Clone, Copy, Default)]
pub struct SqliteDriver;

/// The SQLite driver.
pub fn driver() -> Arc<dyn Driver> {
    Arc::new(SqliteDriver)
}

#[async_trait]
impl Driver for SqliteDriver {
    fn info(&self) -> &DriverInfo {
        &INFO
    }

    fn dialect(&self) -> &Dialect {
        &Dialect::SQLITE
    }

    /// From sqlite.org: `lang_vacuum.html`, `lang_attach.html`, `lang_detach.html`, and `pragma.html` for the settings
    /// that a transaction refuses, ignores, or would leave changed when it rolls back.
    fn transaction_fit(&self, statement: &str) -> TransactionFit {
        let words = leading_words(statement, &Dialect::SQLITE, 1);
        match words.first().map(String::as_str) {
            Some("VACUUM") => TransactionFit::Refused("VACUUM cannot run inside a transaction"),
            Some("ATTACH") => TransactionFit::Refused("ATTACH is not undone when a transaction rolls back"),
            Some("DETACH") => TransactionFit::Refused("DETACH is not undone when a transaction rolls back"),
            Some("PRAGMA") => pragma_fit(&pragma_name(statement)),
            _ => TransactionFit::Fits,
        }
    }

    /// From `pragma.html`: what a `PRAGMA` sets is forgotten with the connection, except for these.
    fn sets_session(&self, statement: &str) -> bool {
        let words = leading_words(statement, &Dialect::SQLITE, 1);
        match words.first().map(String::as_str) {
            Some("ATTACH" | "DETACH") => true,
            Some("PRAGMA") => !KEPT_IN_THE_FILE.contains(&pragma_name(statement).as_str()),
            _ => false,
        }
    }

    fn reaches_beyond(&self, statement: &str) -> Option<&'static str> {
        beyond::reaches_beyond(statement)
    }

    fn ddl(&self) -> Option<&dyn DdlWriter> {
        Some(&crate::ddl::SqliteDdl)
    }

    fn check(&self, target: &Target) -> Result<(), TargetError> {
        Settings::read(target).map(drop)
    }

    async fn connect(&self, target: &Target) -> Result<Box<dyn Session>> {
        Ok(Box::new(connect(target).await?))
    }

    async fn scratch(&self, target: &Target, place: Option<&Target>) -> Result<Box<dyn Scratch>> {
        scratch::make(target, place)
    }
}

/// `PRAGMA`s that write to the file; the rest sets something for the connection or only looks.
const KEPT_IN_THE_FILE: [&str; 10] = [
    "application_id",
    "auto_vacuum",
    "encoding",
    "incremental_vacuum",
    "journal_mode",
    "optimize",
    "page_size",
    "schema_version",
    "user_version",
    "wal_checkpoint",
];

fn pragma_fit(name: &str) -> TransactionFit {
    match name {
        "foreign_keys" => TransactionFit::Refused("PRAGMA foreign_keys has no effect inside a transaction"),
        "journal_mode" | "auto_vacuum" | "page_size" => {
            TransactionFit::Refused("this PRAGMA cannot take effect inside a transaction")
        }
        "synchronous" | "wal_checkpoint" => {
            TransactionFit::Refused("SQLite refuses this PRAGMA inside a transaction")
        }
        _ => TransactionFit::Fits,
    }
}

/// The name of a PRAGMA in small letters, the schema before it left out.
fn pragma_name(statement: &str) -> String {
    let mut words = tokens(statement, &Dialect::SQLITE)
        .filter(|token| token.kind != TokenKind::Comment)
        .skip(1);
    let first = words.next();
    let name = match words.next() {
        Some(dot) if dot.is_symbol('.') => words.next(),
        _ => first,
    };
    name.map(|token| token.text.to_ascii_lowercase())
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_only_sets_the_session_is_known() {
        for sql in ["pragma foreign_keys = off", "ATTACH 'a' AS b", "detach b"] {
            assert!(driver().sets_session(sql), "{sql}");
        }
        for sql in [
            "PRAGMA main.user_version = 3",
            "vacuum",
            "insert into pragma values (1)",
        ] {
            assert!(!driver().sets_session(sql), "{sql}");
        }
    }

    #[test]
    fn what_refuses_a_transaction_is_known() {
        for refused in [
            "vacuum",
            "/* a */ PRAGMA foreign_keys = OFF",
            "ATTACH 'a' AS b",
            "pragma Journal_Mode=wal",
            "PRAGMA main.journal_mode = wal",
            "PRAGMA synchronous(off)",
            "DETACH b",
        ] {
            assert!(
                matches!(driver().transaction_fit(refused), TransactionFit::Refused(_)),
                "{refused}"
            );
        }
        for fits in [
            "CREATE TABLE vacuum_log(x)",
            "SELECT 'VACUUM'",
            "PRAGMA user_version = 3",
        ] {
            assert_eq!(driver().transaction_fit(fits), TransactionFit::Fits, "{fits}");
        }
    }
}
