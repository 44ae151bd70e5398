//! Transactions that only dbvc begins and ends, and waiting for other writers.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use dbvc_engine::driver::{Fence, Limits};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use tokio_util::sync::CancellationToken;

use crate::error::from_sqlx;
use crate::execute::Answer;
use crate::record::not_installed;
use crate::session::SqliteSession;

/// SQLite looks at the clock and the token every so many of its virtual machine's steps
/// (`sqlite.org/c3ref/progress_handler.html`).
const STEPS_BETWEEN_LOOKS: i32 = 10_000;

/// SQLite's own waiting cannot be cancelled, so it waits in slices of this length.
const SLICE: Duration = Duration::from_millis(50);

/// `SQLITE_BUSY`: another connection writes. Nothing of the refused statement happened.
pub(crate) const BUSY: &str = "5";
/// `SQLITE_CONSTRAINT_COMMITHOOK`: the hook turned a commit into a rollback.
const REFUSED_BY_HOOK: &str = "531";

/// How long to wait for other writers, and what ends the waiting.
#[derive(Debug, Clone)]
pub(crate) struct Patience {
    pub(crate) longest: Duration,
    pub(crate) cancel: CancellationToken,
}

/// What SQLite's commit and rollback hooks share with the session (`sqlite.org/c3ref/commit_hook.html`). While a
/// transaction of dbvc's is open, a script's own `COMMIT` becomes a rollback, so half a migration is never kept.
#[derive(Debug, Clone, Default)]
pub(crate) struct Guard(Arc<Flags>);

#[derive(Debug, Default)]
struct Flags {
    keeps_open: AtomicBool,
    rolled_back: AtomicBool,
}

impl Guard {
    fn set(&self, keeps_open: bool) {
        self.0.keeps_open.store(keeps_open, Ordering::Relaxed);
    }

    fn allows_commit(&self) -> bool {
        !self.0.keeps_open.load(Ordering::Relaxed)
    }

    fn note_rollback(&self) {
        self.0.rolled_back.store(true, Ordering::Relaxed);
    }

    fn forget_rollback(&self) {
        self.0.rolled_back.store(false, Ordering::Relaxed);
    }

    fn was_rolled_back(&self) -> bool {
        self.0.rolled_back.load(Ordering::Relaxed)
    }
}

impl SqliteSession {
    /// Begins a transaction that may write. A deferred one could find out too late that somebody else writes
    /// (`sqlite.org/lang_transaction.html`, "Deferred, Immediate, and Exclusive").
    pub(crate) async fn begin_immediate(&mut self) -> Result<()> {
        self.hook().await?;
        self.patiently("BEGIN IMMEDIATE", false, Operation::Transaction)
            .await?;
        self.is_begun();
        Ok(())
    }

    /// The same, and checks in the same call to the library that `fence` is the newest. It is inside the transaction,
    /// so that no one can move it meanwhile. On an error nothing is open.
    pub(crate) async fn begin_fenced(&mut self, fence: &Fence) -> Result<()> {
        self.hook().await?;
        let sql = format!("BEGIN IMMEDIATE;\n{}", self.record.token(&fence.lock));
        let begun = self.patiently(&sql, true, Operation::Transaction).await;
        self.is_begun();
        let checked = begun
            .map_err(not_installed)
            .and_then(|answer| self.is_newest(fence, answer.rows));
        if checked.is_err() {
            let _ = self.roll_back_now().await;
        }
        checked
    }

    fn is_begun(&mut self) {
        self.guard.forget_rollback();
        self.guard.set(true);
        self.in_transaction = true;
    }

    /// Runs statements of dbvc's own of which the last one is the commit; also says how many came to their end. When
    /// one fails, the transaction is still open.
    pub(crate) async fn commit_with(&mut self, statements: &[String]) -> (usize, Option<DriverError>) {
        self.guard.set(false);
        let (answers, failure) = self.call(statements, Operation::Transaction).await;
        self.guard.set(failure.is_some());
        self.in_transaction = failure.is_some();
        (answers.len(), failure)
    }

    /// Commits. A commit that fails leaves the transaction open, to be rolled back.
    pub(crate) async fn commit_now(&mut self) -> Result<()> {
        self.check_open()?;
        self.guard.set(false);
        let committed = self.patiently("COMMIT", false, Operation::Transaction).await;
        self.guard.set(committed.is_err());
        committed?;
        self.in_transaction = false;
        Ok(())
    }

    pub(crate) async fn roll_back_now(&mut self) -> Result<()> {
        if !self.in_transaction {
            return Ok(());
        }
        self.in_transaction = false;
        self.guard.set(false);
        match self.write("ROLLBACK", Operation::Transaction).await {
            // Some errors roll back by themselves (`sqlite.org/lang_transaction.html`, "Response To Errors").
            Err(error) if error.message.contains("no transaction is active") => Ok(()),
            other => other.map(drop),
        }
    }

    /// Commits what went well and rolls back what did not.
    pub(crate) async fn end<T>(&mut self, result: Result<T>) -> Result<T> {
        let ended = match result {
            Ok(value) => self.commit_now().await.map(|()| value),
            Err(error) => Err(error),
        };
        if ended.is_err() {
            // The first failure is the one to tell; what cannot be rolled back ends with the connection.
            let _ = self.roll_back_now().await;
        }
        ended
    }

    /// Whether the transaction that dbvc began is still the one that is open.
    pub(crate) fn check_open(&self) -> Result<()> {
        if self.in_transaction && self.guard.was_rolled_back() {
            return Err(ended_by_script());
        }
        Ok(())
    }

    /// What a script's own `COMMIT` comes to, in words.
    pub(crate) fn explain_refused_commit(&self, error: DriverError) -> DriverError {
        if self.in_transaction && error.code.as_deref() == Some(REFUSED_BY_HOOK) {
            return ended_by_script().with_code(REFUSED_BY_HOOK);
        }
        error
    }

    /// Takes over how long to wait for other writers; returns what was set before.
    pub(crate) fn be_patient(&mut self, limits: &Limits) -> Patience {
        let patience = Patience {
            longest: limits.lock_timeout.unwrap_or(self.settings.busy_timeout),
            cancel: limits.cancel.clone(),
        };
        std::mem::replace(&mut self.patience, patience)
    }

    /// Sets what SQLite asks and tells on its own thread, once for a connection.
    pub(crate) async fn hook(&mut self) -> Result<()> {
        if self.hooked {
            return Ok(());
        }
        let (commits, rollbacks) = (self.guard.clone(), self.guard.clone());
        let watch = self.watch.clone();
        let mut handle = self
            .connection
            .lock_handle()
            .await
            .map_err(|error| from_sqlx(&error, Operation::Transaction, None))?;
        handle.set_commit_hook(move || commits.allows_commit());
        handle.set_rollback_hook(move || rollbacks.note_rollback());
        handle.set_progress_handler(STEPS_BETWEEN_LOOKS, move || watch.may_go_on());
        self.hooked = true;
        Ok(())
    }

    /// Runs a statement that may have to wait for another writer, until it gets through, the session's patience ends,
    /// or somebody cancels. To be called where a refused statement left nothing behind: outside a transaction, at its
    /// begin, and at its commit. The answer has rows when they are to be kept.
    pub(crate) async fn patiently(&mut self, sql: &str, keep: bool, operation: Operation) -> Result<Answer> {
        let patience = self.patience.clone();
        let begun = Instant::now();
        self.wait_for_others(SLICE.min(patience.longest)).await?;
        loop {
            let result = self.run(sql, keep, operation).await;
            let error = match result {
                Err(error) if error.code.as_deref() == Some(BUSY) => error,
                other => return other,
            };
            if patience.cancel.is_cancelled() {
                return Err(DriverError::new(
                    ErrorKind::Cancelled,
                    operation,
                    "stopped while another connection was writing to the file",
                ));
            }
            if begun.elapsed() >= patience.longest {
                return Err(error.with_note(format!(
                    "another connection has been writing to the file for longer than {:?}",
                    patience.longest
                )));
            }
        }
    }

    /// How long SQLite itself waits for another writer from here on.
    pub(crate) async fn wait_for_others(&mut self, longest: Duration) -> Result<()> {
        if self.busy_timeout == longest {
            return Ok(());
        }
        let millis = i32::try_from(longest.as_millis()).unwrap_or(i32::MAX);
        self.write(&format!("PRAGMA busy_timeout = {millis}"), Operation::Execute)
            .await?;
        self.busy_timeout = longest;
        Ok(())
    }
}

fn ended_by_script() -> DriverError {
    DriverError::new(
        ErrorKind::Statement,
        Operation::Execute,
        "the script ended the transaction that dbvc had begun for it; all of it was rolled back",
    )
}
