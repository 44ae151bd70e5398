//! What an observer is told while a run goes on.

use std::time::Duration;

use crate::diagnostic::Diagnostic;
use crate::driver::{Action, Holder, Notice};

/// One thing that happened. The engine never prints; whoever observes decides what people see.
#[derive(Debug, Clone)]
pub enum Event<'a> {
    /// Waiting for a lock that someone else holds.
    WaitingForLock {
        /// Who holds it.
        holder: &'a Holder,
        /// For how long so far.
        waited: Duration,
    },
    /// The lock is held.
    Locked {
        /// The dead holder it was taken from.
        taken_from: Option<&'a Holder>,
    },
    /// A migration begins.
    StepStarted {
        /// 1-based place in the run.
        number: usize,
        /// Steps in the run.
        of: usize,
        /// The file.
        script: &'a str,
        /// What is done.
        action: Action,
        /// Statements in the script.
        statements: u32,
    },
    /// So many of the step's statements are done.
    StepProgress {
        /// Statements done.
        done: u32,
        /// Statements in the script.
        of: u32,
    },
    /// The server said something.
    Notice(&'a Notice),
    /// A step will be tried again.
    Retrying {
        /// The file.
        script: &'a str,
        /// Why.
        why: &'a str,
        /// After this pause.
        pause: Duration,
    },
    /// A migration ended well.
    StepFinished {
        /// The file.
        script: &'a str,
        /// Statements that ran.
        statements: u32,
        /// Rows that changed.
        rows: u64,
        /// How long it took.
        duration: Duration,
    },
    /// Something worth saying that does not stop the run.
    Diagnostic(&'a Diagnostic),
}

/// Told what happens.
pub trait Observer: Send + Sync {
    /// Something happened.
    fn on(&self, event: &Event<'_>);
}

/// Hears everything and says nothing.
#[derive(Debug, Clone, Copy, Default)]
pub struct Silent;

impl Observer for Silent {
    fn on(&self, _event: &Event<'_>) {}
}
