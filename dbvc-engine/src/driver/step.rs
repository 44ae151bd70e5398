//! One statement of a script outside a transaction, with what is written before and after it.

use std::time::Instant;

use super::{End, Fence, Heard, Limits, NewExecution, Outcome, Progress, Session};
use crate::error::{DriverError, Result};
use crate::sql::Statement;

/// What is written with a statement outside a transaction.
#[derive(Debug, Clone, Copy)]
pub struct StepNotes<'a> {
    /// The lock's fence, checked with each writing.
    pub fence: &'a Fence,
    /// The execution's entry.
    pub entry: StepEntry<'a>,
    /// What is written when the statement has completed.
    pub after: StepAfter<'a>,
    /// When the script began here, for how long it took.
    pub begun: Instant,
}

/// The execution's entry in the history.
#[derive(Debug, Clone, Copy)]
pub enum StepEntry<'a> {
    /// It is there, by this number.
    Open(u64),
    /// The intent, written and committed before the statement begins.
    New(&'a NewExecution, &'a Progress),
}

/// What is written when a statement has completed.
#[derive(Debug, Clone, Copy)]
pub enum StepAfter<'a> {
    /// How far the script has come.
    Advance(&'a Progress),
    /// The same, and that it has ended. The end's duration is for who writes it to fill in.
    Finish(&'a Progress, &'a End),
}

/// What became of a statement and its notes.
#[derive(Debug)]
pub struct Stepped {
    /// The entry's number; none where the intent was not written, and so nothing ran, or where a lost connection leaves
    /// that open.
    pub rank: Option<u64>,
    /// Of the statement. One statement with a failure means that what comes after it could not be written.
    pub outcome: Outcome,
}

/// [`Session::execute_step`] as single calls, for adapters that cannot do better.
pub(super) async fn step_by_calls<S>(
    session: &mut S,
    statement: &Statement,
    notes: &StepNotes<'_>,
    limits: &Limits,
    heard: &mut dyn Heard,
) -> Stepped
where
    S: Session + ?Sized,
{
    let rank = match notes.entry {
        StepEntry::Open(rank) => rank,
        StepEntry::New(execution, progress) => match session.start(notes.fence, execution, progress).await {
            Ok(rank) => rank,
            Err(error) => return Stepped::not_begun(error),
        },
    };
    let mut outcome = session
        .execute(std::slice::from_ref(statement), limits, heard)
        .await;
    if outcome.failure.is_none()
        && let Err(error) = write_after(session, notes, rank).await
    {
        outcome = outcome.stopped(None, error);
    }
    Stepped {
        rank: Some(rank),
        outcome,
    }
}

async fn write_after<S>(session: &mut S, notes: &StepNotes<'_>, rank: u64) -> Result<()>
where
    S: Session + ?Sized,
{
    match notes.after {
        StepAfter::Advance(progress) => session.advance(notes.fence, rank, progress).await,
        StepAfter::Finish(_, end) => {
            let end = End {
                duration: Some(notes.begun.elapsed()),
                ..end.clone()
            };
            session.finish(notes.fence, rank, &end).await
        }
    }
}

impl Stepped {
    /// The intent could not be written.
    pub fn not_begun(error: DriverError) -> Self {
        Self {
            rank: None,
            outcome: Outcome::default().stopped(None, error),
        }
    }
}
