//! `history`: every execution that the record keeps.

use serde::Serialize;

use super::{Context, Failed};
use crate::driver::{Access, Execution, ExecutionFilter};

/// Which part of the history.
#[derive(Debug, Clone, Default)]
pub struct HistoryOptions {
    /// Only this migration.
    pub migration: Option<String>,
    /// Only the newest so many.
    pub limit: Option<u32>,
}

/// The history of one database.
#[derive(Debug, Serialize)]
pub struct HistoryReport {
    /// The database's name in the project.
    pub database: String,
    /// The environment's name.
    pub environment: String,
    /// The executions, newest last.
    pub executions: Vec<Execution>,
}

/// Reads the history. A database without a record has an empty one.
pub async fn history(context: &Context<'_>, options: &HistoryOptions) -> Result<HistoryReport, Failed> {
    let mut session = context.connect(Access::ReadOnly).await?;
    let filter = ExecutionFilter {
        migration: options.migration.clone(),
        limit: options.limit,
    };
    let executions = match session.executions(&filter).await {
        Ok(executions) => executions,
        Err(error) if error.kind == crate::error::ErrorKind::NotInstalled => Vec::new(),
        Err(error) => return Err(Failed::driver(&context.target, &error)),
    };
    // All was read; a goodbye that fails changes nothing.
    let _ = session.close().await;
    Ok(HistoryReport {
        database: context.settings.database.clone(),
        environment: context.settings.environment.clone(),
        executions,
    })
}
