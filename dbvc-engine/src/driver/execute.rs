//! Running statements.

use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use tokio_util::sync::CancellationToken;

use super::turn::{Queued, apply_one_by_one};
use super::{Deadline, End, EntryStatus, Fence, NewExecution, Rows};
use crate::error::{DriverError, ErrorKind, Operation, Result};
use crate::sql::{Batch, ScriptError, ScriptReader, Statement};
use crate::text::TextSource;

/// How long things may take, and how to stop them. A dropped future does not stop a server, so cancelling is an
/// argument.
#[derive(Debug, Clone, Default)]
pub struct Limits {
    /// The longest a statement may run.
    pub statement_timeout: Option<Duration>,
    /// The longest a statement may wait for a lock in the database.
    pub lock_timeout: Option<Duration>,
    /// Fires when the run must stop; the adapter then stops the server's work too.
    pub cancel: CancellationToken,
    /// The end of the lease under which this runs: nothing may be sent after it.
    pub lease: Deadline,
}

impl Limits {
    /// Why nothing more may be sent, if that is so. An adapter asks right before it sends something that may write.
    pub fn stop(&self, operation: Operation) -> Option<DriverError> {
        if self.lease.is_over() {
            let message = "this process was stopped for longer than its lease, or the database did not answer for so long";
            return Some(DriverError::new(ErrorKind::LockLost, operation, message));
        }
        let stopped = self.cancel.is_cancelled();
        stopped.then(|| DriverError::new(ErrorKind::Cancelled, operation, "stopped before it began"))
    }
}

/// How loud a server's notice is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum NoticeLevel {
    /// `NOTICE`, `INFO`, `PRINT`.
    Info,
    /// `WARNING`.
    Warning,
}

/// Something that the server said while a statement ran.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// How loud it is.
    pub level: NoticeLevel,
    /// The server's words.
    pub message: String,
    /// The server's code, if it has one.
    pub code: Option<String>,
}

/// Told while statements run.
pub trait Heard: Send {
    /// The server said something.
    fn notice(&mut self, notice: Notice);
    /// So many statements of this unit are done; may be called once for several.
    fn progress(&mut self, done: u32);
    /// The unit of this number in the queue begins; notices and progress are its from here on.
    fn begins(&mut self, unit: usize) {
        let _ = unit;
    }
    /// The unit of this number is committed.
    fn committed(&mut self, unit: usize, outcome: &Outcome) {
        let _ = (unit, outcome);
    }
}

/// Statements read on demand, so that memory does not grow with the script.
pub trait StatementSource: Send {
    /// The next statements, up to about `max_bytes` of text and at least one; `None` at the end.
    fn next_batch(&mut self, max_bytes: usize) -> Result<Option<Batch>, ScriptError>;
    /// The next rows of the `COPY` that the last batch ended with; `None` when there are no more.
    fn next_copy_rows(&mut self) -> Result<Option<String>, ScriptError>;
}

impl<S: TextSource> StatementSource for ScriptReader<S> {
    fn next_batch(&mut self, max_bytes: usize) -> Result<Option<Batch>, ScriptError> {
        self.read_batch(max_bytes)
    }

    fn next_copy_rows(&mut self) -> Result<Option<String>, ScriptError> {
        self.read_copy_rows()
    }
}

/// The rows of one `COPY … FROM STDIN`, piece by piece.
pub trait CopyRows: Send {
    /// The next piece, whole lines; `None` at the end.
    fn next_rows(&mut self) -> Result<Option<String>, ScriptError>;
}

impl CopyRows for &mut dyn StatementSource {
    fn next_rows(&mut self) -> Result<Option<String>, ScriptError> {
        self.next_copy_rows()
    }
}

/// Why a unit stopped.
#[derive(Debug)]
pub enum Cause {
    /// The database refused or was lost.
    Driver(DriverError),
    /// The script could not be read further.
    Script(ScriptError),
}

impl From<DriverError> for Cause {
    fn from(error: DriverError) -> Self {
        Self::Driver(error)
    }
}

impl From<ScriptError> for Cause {
    fn from(error: ScriptError) -> Self {
        Self::Script(error)
    }
}

/// A stop on the way.
#[derive(Debug)]
pub struct Failure {
    /// The statement that failed, where it is known; the error's position is relative to its text.
    pub statement: Option<Box<Statement>>,
    /// Why.
    pub cause: Cause,
}

/// How far a call came.
#[derive(Debug, Default)]
pub struct Outcome {
    /// Statements that completed.
    pub statements: u32,
    /// Rows that they changed, as far as the server says.
    pub rows: u64,
    /// How long it took; by the server's clock where it tells.
    pub duration: Duration,
    /// What stopped it; none when all went well.
    pub failure: Option<Failure>,
}

impl Outcome {
    /// The same, stopped.
    #[must_use]
    pub fn stopped(mut self, statement: Option<Statement>, cause: impl Into<Cause>) -> Self {
        self.failure = Some(Failure {
            statement: statement.map(Box::new),
            cause: cause.into(),
        });
        self
    }
}

/// One transactional migration: its statements and its entry in the history, all or nothing.
#[derive(Debug)]
pub struct Unit<'a> {
    /// The lock's fence, checked inside the transaction.
    pub fence: &'a Fence,
    /// What the history will say.
    pub execution: &'a NewExecution,
    /// How the entry ends when all statements succeed.
    pub end: &'a End,
    /// Whether it must be on disk when the call returns. Otherwise its commit may reach the disk later, as long as a
    /// crash of the server never loses this unit and keeps one that came after it.
    pub durable: bool,
}

impl Unit<'_> {
    /// The end of its entry once all statements ran; without a duration it is counted by the server's clock.
    pub fn completed(&self, statements: u32, duration: Option<Duration>) -> End {
        End {
            status: EntryStatus::Completed,
            statements_done: statements,
            duration,
            ..self.end.clone()
        }
    }
}

/// Messages are kept to about this size: large enough that round trips do not count, small enough for both sides'
/// memory.
pub const MESSAGE_BYTES: usize = 64 * 1024;

/// The part of a session that runs statements.
#[async_trait]
pub trait Executor: Send {
    /// Begins a transaction and pins the fence in it; [`crate::error::ErrorKind::LockLost`] when it is stale.
    async fn begin(&mut self, fence: &Fence) -> Result<()>;
    /// Commits.
    async fn commit(&mut self) -> Result<()>;
    /// Rolls back. Fine when no transaction is open.
    async fn rollback(&mut self) -> Result<()>;
    /// Runs statements in order, inside the open transaction if there is one, each by itself otherwise, and says how
    /// far it came. A statement's failure is in the outcome.
    async fn execute(&mut self, statements: &[Statement], limits: &Limits, heard: &mut dyn Heard) -> Outcome;
    /// Runs one `COPY … FROM STDIN` with its rows.
    async fn copy_in(&mut self, statement: &Statement, rows: &mut dyn CopyRows, limits: &Limits) -> Outcome {
        let _ = (rows, limits);
        let error = DriverError::unsupported(
            Operation::Execute,
            "this database cannot load `COPY … FROM STDIN` rows from a script",
        );
        Outcome::default().stopped(Some(statement.clone()), error)
    }
    /// Reads; the server is asked to refuse writes. Cells are text.
    async fn query(&mut self, sql: &str, limits: &Limits) -> Result<Rows>;
    /// Applies one unit: fence, statements, history entry, commit. After a failure nothing of it remains, unless the
    /// connection was lost at the commit: then the history tells. The default composes the calls above; an adapter
    /// overrides it where the server can do it all in one round trip.
    async fn apply(
        &mut self,
        unit: &Unit<'_>,
        source: &mut dyn StatementSource,
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Outcome;
    /// Applies units one after another, each all or nothing as [`apply`](Self::apply) does, and stops at the first
    /// that fails. Returns what became of each that was tried, at least one. An adapter overrides it where several fit
    /// in one round trip.
    async fn apply_in_turn(&mut self, queue: &mut [Queued<'_>], heard: &mut dyn Heard) -> Vec<Outcome> {
        apply_one_by_one(self, queue, heard).await
    }
}

/// [`Executor::apply`] composed of single calls, for adapters whose server cannot do better.
pub async fn apply_in_steps<S>(
    session: &mut S,
    unit: &Unit<'_>,
    source: &mut dyn StatementSource,
    limits: &Limits,
    heard: &mut dyn Heard,
) -> Outcome
where
    S: Executor + super::HistoryStore + ?Sized,
{
    let clock = std::time::Instant::now();
    if let Err(error) = begin_unit(session, unit, limits).await {
        return Outcome::default().stopped(None, error);
    }
    let mut outcome = run_all(session, source, limits, heard).await;
    outcome.duration = clock.elapsed();
    end_unit(session, unit, outcome).await
}

/// The beginning of [`apply_in_steps`], for adapters that run the statements between in a way of their own.
pub async fn begin_unit<S>(session: &mut S, unit: &Unit<'_>, limits: &Limits) -> Result<()>
where
    S: Executor + ?Sized,
{
    // A script without statements would otherwise never look at the token.
    if limits.cancel.is_cancelled() {
        return Err(DriverError::new(
            crate::error::ErrorKind::Cancelled,
            Operation::Execute,
            "stopped before it began",
        ));
    }
    session.begin(unit.fence).await
}

/// The end of [`apply_in_steps`]: records and commits what went well, rolls back what did not.
async fn end_unit<S>(session: &mut S, unit: &Unit<'_>, mut outcome: Outcome) -> Outcome
where
    S: Executor + super::HistoryStore + ?Sized,
{
    if outcome.failure.is_none()
        && let Err(error) = record_and_commit(session, unit, &outcome).await
    {
        outcome = outcome.stopped(None, error);
    }
    if outcome.failure.is_some() {
        // The failure that is reported is the first one; a session that cannot roll back is lost and closed.
        let _ = session.rollback().await;
    }
    outcome
}

async fn record_and_commit<S>(session: &mut S, unit: &Unit<'_>, outcome: &Outcome) -> Result<()>
where
    S: Executor + super::HistoryStore + ?Sized,
{
    let end = unit.completed(outcome.statements, Some(outcome.duration));
    session.record(unit.fence, unit.execution, &end).await?;
    session.commit().await
}

async fn run_all<S: Executor + ?Sized>(
    session: &mut S,
    mut source: &mut dyn StatementSource,
    limits: &Limits,
    heard: &mut dyn Heard,
) -> Outcome {
    let mut total = Outcome::default();
    loop {
        let batch = match source.next_batch(MESSAGE_BYTES) {
            Ok(Some(batch)) => batch,
            Ok(None) => return total,
            Err(error) => return total.stopped(None, error),
        };
        let part = session.execute(&batch.statements, limits, heard).await;
        if total.absorb(part) {
            return total;
        }
        heard.progress(total.statements);
        if let Some(copy) = &batch.copy {
            let part = session.copy_in(copy, &mut source, limits).await;
            if total.absorb(part) {
                return total;
            }
        }
    }
}

impl Outcome {
    /// Adds a later part to this one; `true` when that part stopped.
    pub fn absorb(&mut self, part: Self) -> bool {
        self.statements += part.statements;
        self.rows += part.rows;
        self.duration += part.duration;
        self.failure = part.failure;
        self.failure.is_some()
    }
}
