//! The driver: name, schemes, dialect.

use std::sync::Arc;

use async_trait::async_trait;
use dbvc_engine::driver::{
    Capabilities, DdlRollback, Driver, DriverInfo, LockKind, Session, Target, TargetError, TransactionFit,
};
use dbvc_engine::error::Result;
use dbvc_engine::sql::{Dialect, leading_words};

use crate::connect::{Settings, connect};

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

    /// From sqlite.org: `lang_vacuum.html`, `lang_attach.html`, `pragma.html` (`foreign_keys` is a no-op inside a
    /// transaction, `journal_mode` and `auto_vacuum` cannot change there).
    fn transaction_fit(&self, statement: &str) -> TransactionFit {
        let words = leading_words(statement, &Dialect::SQLITE, 2);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        match words.as_slice() {
            ["VACUUM", ..] => TransactionFit::Refused("VACUUM cannot run inside a transaction"),
            ["ATTACH", ..] => TransactionFit::Refused("ATTACH cannot run inside a transaction"),
            ["DETACH", ..] => TransactionFit::Refused("DETACH cannot run inside a transaction"),
            ["PRAGMA", "FOREIGN_KEYS"] => {
                TransactionFit::Refused("PRAGMA foreign_keys has no effect inside a transaction")
            }
            ["PRAGMA", "JOURNAL_MODE" | "AUTO_VACUUM" | "PAGE_SIZE"] => {
                TransactionFit::Refused("this PRAGMA cannot take effect inside a transaction")
            }
            _ => TransactionFit::Fits,
        }
    }

    fn check(&self, target: &Target) -> Result<(), TargetError> {
        Settings::read(target).map(drop)
    }

    async fn connect(&self, target: &Target) -> Result<Box<dyn Session>> {
        Ok(Box::new(connect(target).await?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_refuses_a_transaction_is_known() {
        for refused in [
            "vacuum",
            "/* a */ PRAGMA foreign_keys = OFF",
            "ATTACH 'a' AS b",
            "pragma Journal_Mode=wal",
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
