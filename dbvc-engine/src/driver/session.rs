//! One connection.

use std::fmt::Debug;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{
    Capabilities, Executor, Fence, Heard, HistoryStore, Limits, LockStore, Outcome, Progress, Resolver,
};
use crate::error::Result;
use crate::schema::SchemaOverview;
use crate::sql::Statement;

/// Who answered.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct ServerInfo {
    /// The product's name, such as `PostgreSQL`.
    pub product: String,
    /// Its version, such as `15.18`.
    pub version: String,
    /// The database.
    pub database: String,
    /// The login.
    pub login: String,
}

/// The answer to a query, each cell as text.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Rows {
    /// The columns' names.
    pub columns: Vec<String>,
    /// The cells; none is NULL.
    pub cells: Vec<Vec<Option<String>>>,
}

/// The part of a session that reads the catalogue.
#[async_trait]
pub trait Introspector: Send {
    /// Every schema of the user's with its tables and views counted; the database's own schemas and dbvc's record are
    /// left out.
    async fn overview(&mut self) -> Result<Vec<SchemaOverview>>;
}

/// What is written when a statement outside a transaction has completed.
#[derive(Debug, Clone, Copy)]
pub struct StepDone<'a> {
    /// The lock's fence, checked with the writing.
    pub fence: &'a Fence,
    /// The execution.
    pub rank: u64,
    /// How far the script has come then.
    pub progress: &'a Progress,
}

/// One physical connection: locks, transactions, settings and limits live and die with it. There is no pool.
#[async_trait]
pub trait Session: Executor + HistoryStore + LockStore + Introspector + Resolver + Debug + Send {
    /// What this server, at this version and for this user, can do.
    fn capabilities(&self) -> &Capabilities;
    /// Who answered.
    fn server(&self) -> &ServerInfo;
    /// Runs one statement outside a transaction and, when it has completed, writes to the execution `rank` how far the
    /// script has come. An outcome of one statement with a failure means that the writing failed.
    ///
    /// The default makes two calls; an adapter overrides it where both travel in one message.
    async fn execute_step(
        &mut self,
        statement: &Statement,
        done: StepDone<'_>,
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Outcome {
        let outcome = self.execute(std::slice::from_ref(statement), limits, heard).await;
        if outcome.failure.is_some() {
            return outcome;
        }
        match self.advance(done.fence, done.rank, done.progress).await {
            Ok(()) => outcome,
            Err(error) => outcome.stopped(None, error),
        }
    }
    /// Says goodbye to the server.
    async fn close(self: Box<Self>) -> Result<()>;
    /// Undoes what scripts have set in this session, so that the next script does the same whether it follows them in
    /// one run or begins a run of its own. Called outside a transaction.
    async fn refresh(&mut self) -> Result<()> {
        Ok(())
    }
}
