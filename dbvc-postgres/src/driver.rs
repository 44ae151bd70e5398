//! The driver: name, schemes, dialect.

use async_trait::async_trait;
use dbvc_engine::driver::{
    Capabilities, DdlRollback, DdlWriter, Driver, DriverInfo, LockKind, Scratch, Session, Target,
    TargetError, TransactionFit, scratch_on,
};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::sql::Dialect;

use crate::connect::Settings;
use crate::scratch::PostgresScratch;
use crate::session::PostgresSession;
use crate::{beyond, statement};

/// What a session can do.
pub(crate) const CAPABILITIES: Capabilities = Capabilities {
    ddl: DdlRollback::Transaction,
    lock: LockKind::Session,
    fenced_transactions: true,
    cancel: true,
    statement_timeout: true,
    lock_timeout: true,
    error_position: true,
    copy_rows: true,
    schemas: true,
    resolve: true,
    step_with_note: false,
    // NAMEDATALEN - 1 (manual, 4.1.1 "Identifiers and Key Words").
    max_identifier: Some(63),
};

static INFO: DriverInfo = DriverInfo {
    name: "postgres",
    title: "PostgreSQL",
    schemes: &["postgres", "postgresql"],
    example_url: "postgres://user:${DB_PASSWORD}@host:5432/app",
    capabilities: CAPABILITIES,
};

/// PostgreSQL.
#[derive(Debug, Clone, Copy, Default)]
pub struct PostgresDriver;

#[async_trait]
impl Driver for PostgresDriver {
    fn info(&self) -> &DriverInfo {
        &INFO
    }

    fn dialect(&self) -> &Dialect {
        &Dialect::POSTGRES
    }

    fn transaction_fit(&self, statement: &str) -> TransactionFit {
        statement::fit(statement)
    }

    fn sets_session(&self, statement: &str) -> bool {
        statement::sets_session(statement)
    }

    fn is_atomic(&self, statement: &str) -> bool {
        statement::is_atomic(statement)
    }

    fn reaches_beyond(&self, statement: &str) -> Option<&'static str> {
        beyond::reaches_beyond(statement)
    }

    fn ddl(&self) -> Option<&dyn DdlWriter> {
        Some(&crate::ddl::PostgresDdl)
    }

    fn lets_pass(&self, statement: &str) -> bool {
        statement::lets_pass(statement)
    }

    fn check(&self, target: &Target) -> Result<(), TargetError> {
        Settings::read(target).map(|_| ())
    }

    async fn connect(&self, target: &Target) -> Result<Box<dyn Session>> {
        let settings = Settings::read(target).map_err(|error| {
            DriverError::new(ErrorKind::Unsupported, Operation::Connect, error.to_string())
        })?;
        let session = PostgresSession::open(target, settings).await?;
        Ok(Box::new(session))
    }

    async fn scratch(&self, target: &Target, place: Option<&Target>) -> Result<Box<dyn Scratch>> {
        scratch_on::<PostgresScratch>(target, place).await
    }
}
