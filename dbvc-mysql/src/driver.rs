//! The driver: name, schemes, dialect.

use async_trait::async_trait;
use dbvc_engine::driver::{
    Capabilities, DdlRollback, DdlWriter, Driver, DriverInfo, LockKind, Scratch, Session, Target,
    TargetError, TransactionFit, scratch_on,
};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::sql::Dialect;

use crate::connect::Settings;
use crate::scratch::MySqlScratch;
use crate::session::MySqlSession;
use crate::{beyond, statement};

/// What a session can do at best.
pub(crate) const CAPABILITIES: Capabilities = Capabilities {
    ddl: DdlRollback::Statement,
    lock: LockKind::Session,
    fenced_transactions: true,
    cancel: true,
    statement_timeout: true,
    lock_timeout: true,
    error_position: true,
    resolve: true,
    step_with_note: true,
    // Characters, of which each may take three bytes (manual, "Identifier Length Limits").
    max_identifier: Some(64),
    ..Capabilities::NONE
};

static INFO: DriverInfo = DriverInfo {
    name: "mysql",
    title: "MySQL and MariaDB",
    schemes: &["mysql", "mariadb"],
    example_url: "mysql://user:${DB_PASSWORD}@host:3306/app",
    capabilities: CAPABILITIES,
};

/// MySQL and MariaDB.
#[derive(Debug, Clone, Copy, Default)]
pub struct MySqlDriver;

#[async_trait]
impl Driver for MySqlDriver {
    fn info(&self) -> &DriverInfo {
        &INFO
    }

    fn dialect(&self) -> &Dialect {
        &Dialect::MYSQL
    }

    fn transaction_fit(&self, statement: &str) -> TransactionFit {
        statement::fit(statement)
    }

    fn sets_session(&self, statement: &str) -> bool {
        statement::sets_session(statement)
    }

    fn leaves_in_session(&self, statement: &str) -> Option<String> {
        statement::leaves_in_session(statement)
    }

    fn is_atomic(&self, statement: &str) -> bool {
        !statement::runs_others(statement) && !statement::drops_several(statement)
    }

    fn reaches_beyond(&self, statement: &str) -> Option<&'static str> {
        beyond::reaches_beyond(statement)
    }

    fn ddl(&self) -> Option<&dyn DdlWriter> {
        Some(&crate::ddl::MySqlDdl)
    }

    fn check(&self, target: &Target) -> Result<(), TargetError> {
        Settings::read(target).map(|_| ())
    }

    async fn connect(&self, target: &Target) -> Result<Box<dyn Session>> {
        let settings = Settings::read(target).map_err(|error| {
            DriverError::new(ErrorKind::Unsupported, Operation::Connect, error.to_string())
        })?;
        let session = MySqlSession::open(target, settings).await?;
        Ok(Box::new(session))
    }

    async fn scratch(&self, target: &Target, place: Option<&Target>) -> Result<Box<dyn Scratch>> {
        scratch_on::<MySqlScratch>(target, place).await
    }
}
