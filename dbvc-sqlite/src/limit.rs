//! What stops a statement: the token and the clock, looked at from SQLite's progress handler.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use dbvc_engine::driver::Limits;
use dbvc_engine::error::{DriverError, ErrorKind};
use tokio_util::sync::CancellationToken;

/// The limits of the statements that run now; shared with the thread that SQLite runs on.
#[derive(Debug, Clone)]
pub(crate) struct Limiter(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    cancel: CancellationToken,
    longest: Option<Duration>,
    begun: Mutex<Instant>,
    timed_out: AtomicBool,
}

/// The place where SQLite's progress handler finds the limits of what runs now; none while nothing is limited. The
/// handler is set once: to set it is to wait for the library's thread.
#[derive(Debug, Clone, Default)]
pub(crate) struct Watch(Arc<Mutex<Option<Limiter>>>);

impl Watch {
    pub(crate) fn set(&self, limiter: Option<Limiter>) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = limiter;
    }

    /// Asked by SQLite every so many steps.
    pub(crate) fn may_go_on(&self) -> bool {
        let now = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        now.as_ref().is_none_or(Limiter::may_go_on)
    }
}

impl Limiter {
    pub(crate) fn new(limits: &Limits) -> Self {
        Self(Arc::new(Shared {
            cancel: limits.cancel.clone(),
            longest: limits.statement_timeout,
            begun: Mutex::new(Instant::now()),
            timed_out: AtomicBool::new(false),
        }))
    }

    /// The next statement begins: its time counts from here.
    pub(crate) fn next_statement(&self) {
        if self.0.longest.is_some()
            && let Ok(mut begun) = self.0.begun.lock()
        {
            *begun = Instant::now();
        }
    }

    fn may_go_on(&self) -> bool {
        if self.0.cancel.is_cancelled() {
            return false;
        }
        let Some(longest) = self.0.longest else {
            return true;
        };
        let late = self.0.begun.lock().is_ok_and(|begun| begun.elapsed() >= longest);
        if late {
            self.0.timed_out.store(true, Ordering::Relaxed);
        }
        !late
    }

    /// Tells an interrupted statement that ran too long from one that somebody stopped.
    pub(crate) fn explain(&self, error: DriverError, limits: &Limits) -> DriverError {
        if error.kind != ErrorKind::Cancelled || !self.0.timed_out.load(Ordering::Relaxed) {
            return error;
        }
        let longest = limits.statement_timeout.unwrap_or_default();
        DriverError {
            kind: ErrorKind::StatementTimeout,
            message: format!("the statement ran longer than {longest:?}"),
            ..error
        }
    }
}
