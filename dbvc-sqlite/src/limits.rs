//! Stopping a statement: the time limit and the cancelling token, looked at while SQLite works.

use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Instant;

use dbvc_engine::driver::Limits;
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};

use crate::error::from_sqlx;
use crate::session::SqliteSession;
use crate::transaction::Patience;

/// SQLite looks at the clock and the token every so many of its virtual machine's steps
/// (`sqlite.org/c3ref/progress_handler.html`).
const STEPS_BETWEEN_LOOKS: i32 = 10_000;

const NOT_STOPPED: u8 = 0;
const CANCELLED: u8 = 1;
const TIMED_OUT: u8 = 2;

/// Which limit stopped a statement.
pub(crate) struct Stopped(Arc<AtomicU8>);

impl Stopped {
    /// SQLite says "interrupted" whatever the reason; this says the reason.
    pub(crate) fn explain(&self, error: DriverError, limits: &Limits) -> DriverError {
        if (error.kind, self.0.load(Ordering::Relaxed)) != (ErrorKind::Cancelled, TIMED_OUT) {
            return error;
        }
        let longest = limits.statement_timeout.unwrap_or_default();
        DriverError {
            kind: ErrorKind::StatementTimeout,
            message: format!("ran longer than {longest:?}"),
            ..error
        }
    }
}

impl SqliteSession {
    /// Sets the limits for what runs next.
    pub(crate) async fn limit(&mut self, limits: &Limits, operation: Operation) -> Result<Stopped> {
        if limits.cancel.is_cancelled() {
            let message = "stopped before it began";
            return Err(DriverError::new(ErrorKind::Cancelled, operation, message));
        }
        let why = Arc::new(AtomicU8::new(NOT_STOPPED));
        // A limit beyond what the clock can count is none.
        let end = limits
            .statement_timeout
            .and_then(|longest| Instant::now().checked_add(longest));
        let (cancel, told) = (limits.cancel.clone(), why.clone());
        let mut handle = self
            .connection
            .lock_handle()
            .await
            .map_err(|error| from_sqlx(&error, operation, None))?;
        handle.set_progress_handler(STEPS_BETWEEN_LOOKS, move || {
            if cancel.is_cancelled() {
                told.store(CANCELLED, Ordering::Relaxed);
            } else if end.is_some_and(|end| Instant::now() >= end) {
                told.store(TIMED_OUT, Ordering::Relaxed);
            }
            told.load(Ordering::Relaxed) == NOT_STOPPED
        });
        Ok(Stopped(why))
    }

    pub(crate) async fn unlimit(&mut self) {
        if let Ok(mut handle) = self.connection.lock_handle().await {
            handle.remove_progress_handler();
        }
    }

    /// Takes over how long to wait for other writers; returns what was set before.
    pub(crate) fn be_patient(&mut self, limits: &Limits) -> Patience {
        let patience = Patience {
            longest: limits.lock_timeout.unwrap_or(self.settings.busy_timeout),
            cancel: limits.cancel.clone(),
        };
        std::mem::replace(&mut self.patience, patience)
    }
}
