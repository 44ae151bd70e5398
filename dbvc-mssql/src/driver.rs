//! The driver: name, schemes, dialect.

use async_trait::async_trait;
use dbvc_engine::driver::{
    Capabilities, DdlRollback, DdlWriter, Driver, DriverInfo, Flaw, LockKind, Scratch, Session, Target,
    TargetError, TransactionFit, scratch_on,
};
use dbvc_engine::error::Result;
use dbvc_engine::sql::Dialect;

use crate::connect::Settings;
use crate::ddl::MsSqlDdl;
use crate::scratch::MsSqlScratch;
use crate::{session, statement};

/// What a session can do at best.
pub(crate) const CAPABILITIES: Capabilities = Capabilities {
    ddl: DdlRollback::Transaction,
    lock: LockKind::Session,
    fenced_transactions: true,
    cancel: true,
    statement_timeout: true,
    lock_timeout: true,
    error_position: true,
    schemas: true,
    resolve: true,
    // `sysname` is `nvarchar(128)`; a character takes at most three bytes of UTF-8.
    max_identifier: Some(128),
    ..Capabilities::NONE
};

static INFO: DriverInfo = DriverInfo {
    name: "mssql",
    title: "SQL Server",
    schemes: &["mssql", "sqlserver", "azuresql"],
    example_url: "mssql://user:${DB_PASSWORD}@host:1433/app",
    capabilities: CAPABILITIES,
};

/// SQL Server and Azure SQL.
#[derive(Debug, Clone, Copy, Default)]
pub struct MsSqlDriver;

#[async_trait]
impl Driver for MsSqlDriver {
    fn info(&self) -> &DriverInfo {
        &INFO
    }

    fn dialect(&self) -> &Dialect {
        &Dialect::MSSQL
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
        statement::is_atomic(statement)
    }

    fn reaches_beyond(&self, statement: &str) -> Option<&'static str> {
        statement::reaches_beyond(statement)
    }

    fn flaw(&self, statement: &str) -> Option<Flaw> {
        statement::flaw(statement)
    }

    fn uses_databases(&self, statement: &str) -> Vec<String> {
        statement::uses_databases(statement)
    }

    fn lets_pass(&self, statement: &str) -> bool {
        statement::lets_pass(statement)
    }

    fn check(&self, target: &Target) -> Result<(), TargetError> {
        Settings::read(target).map(|_| ())
    }

    async fn connect(&self, target: &Target) -> Result<Box<dyn Session>> {
        session::open(target).await
    }

    fn ddl(&self) -> Option<&dyn DdlWriter> {
        Some(&MsSqlDdl)
    }

    async fn scratch(&self, target: &Target, place: Option<&Target>) -> Result<Box<dyn Scratch>> {
        scratch_on::<MsSqlScratch>(target, place).await
    }
}
