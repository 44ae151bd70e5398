//! The port: what an adapter implements so that dbvc can work with a database.
//!
//! A vendor implements [`Driver`] and the parts of [`Session`], and proves both with the conformance kit.

mod capabilities;
mod ddl;
mod deadline;
mod execute;
mod history;
mod lock;
mod resolve;
mod rows;
mod scratch;
mod session;
mod snapshot;
mod step;
mod target;
mod trail;
mod turn;

pub use capabilities::{Capabilities, DdlRollback, LockKind};
pub use ddl::{Altered, DdlWriter, Written};
pub use deadline::{Deadline, now};
pub use execute::{
    Cause, CopyRows, Executor, Failure, Heard, Limits, MESSAGE_BYTES, Notice, NoticeLevel, Outcome,
    StatementSource, Unit, apply_in_steps, begin_unit,
};
pub use history::{
    Action, Actor, Applied, AppliedState, End, EntryStatus, Execution, ExecutionFilter, HistoryStore,
    Identity, LAYOUT, LayoutVersion, NewExecution, Progress, Registration, Survey,
};
pub use lock::{Fence, Holder, Lease, LockAttempt, LockOwner, LockRequest, LockStore};
pub use resolve::{Effect, Question, Resolver};
pub use rows::RowSql;
pub use scratch::{
    SCRATCH_AGE, SCRATCH_MARK, SCRATCH_PREFIX, SCRATCH_UNMARKED_AGE, Scratch, ScratchGround, ScratchServer,
    is_scratch_name, scratch_age, scratch_name, scratch_on,
};
pub use session::{Introspector, LastChange, Rows, ServerInfo, Session};
pub use snapshot::{NewSnapshot, Snapshot, SnapshotChoice, SnapshotEntry, SnapshotKind};
pub use step::{StepAfter, StepEntry, StepNotes, Stepped};
pub use target::{Access, RecordLocation, Secret, Target, TargetError};
pub use trail::{ChainFilter, ChainHead, ChainRow, Draft, InRun, NewChain, RecordView, Registered};
pub use turn::{Queued, apply_one_by_one};

use std::fmt::Debug;

use async_trait::async_trait;
use serde::Serialize;

use crate::error::{DriverError, Operation, Result};
use crate::sql::Dialect;

/// Who an adapter is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct DriverInfo {
    /// The name used in `dbvc.toml`, such as `postgres`.
    pub name: &'static str,
    /// The name people read, such as `PostgreSQL`.
    pub title: &'static str,
    /// URL schemes, the preferred one first.
    pub schemes: &'static [&'static str],
    /// A URL to learn from, such as `postgres://user:${DB_PASSWORD}@host:5432/app`.
    pub example_url: &'static str,
    /// What its sessions can do at best; a session's own [`Capabilities`] are what counts.
    pub capabilities: Capabilities,
}

/// Whether a statement may run inside a transaction.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub enum TransactionFit {
    /// It may, and is rolled back with it.
    Fits,
    /// The server refuses it there, for this reason (`CREATE INDEX CONCURRENTLY`).
    Refused(&'static str),
    /// It ends the transaction by itself (MySQL's DDL).
    CommitsImplicitly,
}

/// What keeps a server from taking a statement of a run, whatever its database holds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Flaw {
    /// The byte of the statement where it is.
    pub at: usize,
    /// What is wrong.
    pub what: String,
    /// What to do.
    pub advice: String,
    /// Where it counts in one database alone, that one's name.
    pub database: Option<String>,
}

/// A database family. Stateless; one value per process.
#[async_trait]
pub trait Driver: Debug + Send + Sync + 'static {
    /// Who this is.
    fn info(&self) -> &DriverInfo;
    /// The lexical facts of its SQL.
    fn dialect(&self) -> &Dialect;
    /// Whether `statement` may run inside a transaction. Decided from the text alone.
    fn transaction_fit(&self, statement: &str) -> TransactionFit;
    /// Whether `statement` changes nothing but the session it runs in (`SET search_path`). A run that goes on behind it
    /// in another session runs it again first. Decided from the text alone.
    fn sets_session(&self, statement: &str) -> bool {
        let _ = statement;
        false
    }
    /// What the statement leaves in its session that running it again would not bring back, such as a variable that it
    /// set from data. A run that would go on behind it in another session stops. Decided from the text alone.
    fn leaves_in_session(&self, statement: &str) -> Option<String> {
        let _ = statement;
        None
    }
    /// Whether the statement, run outside a transaction, is undone as a whole by its own failure, as far as the server
    /// undoes such statements at all ([`Capabilities::ddl`]). Decided from the text alone; only such a statement is
    /// tried again after a deadlock. What commits on its way, as a procedure may, is not.
    fn is_atomic(&self, statement: &str) -> bool {
        self.transaction_fit(statement) == TransactionFit::Fits
    }
    /// What the statement changes beside the database that it runs in: a login, another database, the server's settings.
    /// It would do so from a scratch database, too. Decided from the text alone.
    fn reaches_beyond(&self, statement: &str) -> Option<&'static str> {
        let _ = statement;
        None
    }
    /// A fault for which the server would refuse the statement, so that it is told before anything runs. Decided from the
    /// text alone; none where that cannot tell.
    fn flaw(&self, statement: &str) -> Option<Flaw> {
        let _ = statement;
        None
    }
    /// The databases that the statement makes the session's own (`USE`), by their names. Scripts may only name the one that
    /// they run in. Decided from the text alone.
    fn uses_databases(&self, statement: &str) -> Vec<String> {
        let _ = statement;
        Vec::new()
    }
    /// What writes its SQL; none where the adapter cannot.
    fn ddl(&self) -> Option<&dyn DdlWriter> {
        None
    }
    /// Whether others pass the statement while it waits for its lock, so that it may wait as long as it takes; without
    /// that, all who come after it queue behind it. Decided from the text alone.
    fn lets_pass(&self, statement: &str) -> bool {
        let _ = statement;
        false
    }
    /// Checks a target's URL and options without connecting; the message names the part that is wrong.
    fn check(&self, target: &Target) -> Result<(), TargetError>;
    /// Opens one connection. With [`Access::ReadOnly`] nothing may be created, not even a file: a database that does
    /// not exist yet is then an empty one where the database is a file, and an error where it is on a server.
    async fn connect(&self, target: &Target) -> Result<Box<dyn Session>>;
    /// Makes an empty database beside the target: on its server, or where `place` says, as its login. It has the encoding
    /// and collation of the database that it is made beside. Leftovers of killed runs are dropped, if they are provably
    /// dbvc's ([`is_scratch_name`] and [`SCRATCH_MARK`]), older than [`SCRATCH_AGE`], and nobody is in them. The target's
    /// own database is never written to. [`crate::error::ErrorKind::Denied`] where the login may not create one, with
    /// the right that is missing as a note.
    async fn scratch(&self, target: &Target, place: Option<&Target>) -> Result<Box<dyn Scratch>> {
        let _ = (target, place);
        Err(DriverError::unsupported(
            Operation::Install,
            "this adapter makes no scratch databases",
        ))
    }
}
