//! The entry in the history of a script outside a transaction: its intent, its progress, its end.

use std::time::Instant;

use super::StepFailure;
use super::book::Note;
use super::describe::well;
use super::place::Place;
use super::run::Run;
use super::stepwise::Broke;
use crate::driver::{
    Cause, End, EntryStatus, Failure, InRun, NewExecution, Outcome, Progress, Session, StepAfter,
};
use crate::error::{DriverError, ErrorKind, Operation};
use crate::plan::Step;

/// The audit trail's word for a run that nobody heard the end of.
const BROKE_OFF: &str = "broke-off";

/// The script's entry in the history.
pub(super) struct Entry {
    pub(super) execution: NewExecution,
    /// Its number, once it is written.
    pub(super) rank: Option<u64>,
    /// Its end is written too, or is being written.
    pub(super) ended: bool,
    pub(super) begun: Instant,
}

impl Entry {
    /// Why a statement did not complete. What went wrong before the intent was written is no fault of the statement's; a
    /// lost connection leaves open whether it was.
    pub(super) fn unfinished(&self, outcome: Outcome) -> Result<(), Broke> {
        match outcome.failure {
            None => Err(Broke::Record(DriverError::new(
                ErrorKind::Protocol,
                Operation::Execute,
                "the adapter says neither that the statement completed nor that it failed",
            ))),
            Some(Failure {
                cause: Cause::Driver(error),
                ..
            }) if self.rank.is_none() && !error.kind.ends_session() => Err(Broke::Record(error)),
            Some(failure) => Err(Broke::Statement(failure)),
        }
    }
}

/// What the audit trail is told of an execution when it ends.
pub(super) fn told(execution: &NewExecution) -> Box<NewExecution> {
    Box::new(NewExecution {
        // The registry has the texts already.
        registration: None,
        ..execution.clone()
    })
}

pub(super) fn all_done(step: &Step, place: &Place, execution: &NewExecution) -> End {
    End {
        of: Some(told(execution)),
        statements_done: place.done,
        duration: None,
        ..well(step)
    }
}

impl Run<'_> {
    /// The script's entry in the history. Where nothing has to be told before, the first statement takes it along.
    pub(super) async fn entry(
        &self,
        session: &mut Box<dyn Session>,
        (step, in_run): (&Step, InRun),
        place: &Place,
        begun: Instant,
    ) -> Result<Entry, StepFailure> {
        let mut entry = Entry {
            execution: self.who.execution(step, in_run),
            rank: None,
            ended: false,
            begun,
        };
        let travels = step.resume.is_none() && place.upcoming.as_ref().is_some_and(|next| !next.copy);
        if !travels {
            let begun = self.begin(session, step, &entry.execution, place).await;
            entry.rank =
                Some(begun.map_err(|error| StepFailure::bookkeeping(step, place.done, &self.seen(error)))?);
        }
        Ok(entry)
    }

    /// What an error of the history means: a write that was not begun because the lock was lost is refused for that.
    pub(super) fn seen(&self, error: DriverError) -> DriverError {
        match error.kind {
            ErrorKind::Cancelled if self.lock_lost() => DriverError {
                kind: ErrorKind::LockLost,
                ..error
            },
            _ => error,
        }
    }

    /// Writes the intent, and ends the entry of the run that broke off.
    pub(super) async fn begin(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        execution: &NewExecution,
        place: &Place,
    ) -> Result<u64, DriverError> {
        if let Some(resume) = &step.resume {
            let end = End {
                status: EntryStatus::Failed,
                statements_done: resume.done,
                duration: None,
                error: Some(format!("broke off; run {} goes on", self.who.run)),
                state: None,
                error_class: Some(BROKE_OFF.to_owned()),
                of: Some(Box::new(NewExecution {
                    // It was a step of another run.
                    in_run: None,
                    ..*told(execution)
                })),
            };
            self.write_down(session, step, Note::Finish(resume.rank, &end))
                .await?;
        }
        self.write_down(session, step, Note::Start(execution, &place.progress()))
            .await
    }

    /// Writes what a first try could not.
    pub(super) async fn write_still(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        entry: &Entry,
        after: StepAfter<'_>,
        error: DriverError,
    ) -> Result<(), Broke> {
        let Some(rank) = entry.rank else {
            return Err(Broke::Record(error));
        };
        let end;
        let note = match after {
            StepAfter::Advance(progress) => Note::Advance(rank, progress),
            StepAfter::Finish(_, planned) => {
                end = End {
                    duration: Some(entry.begun.elapsed()),
                    ..planned.clone()
                };
                Note::Finish(rank, &end)
            }
        };
        // A stop or a limit is meant for the statement, which is done.
        let for_the_statement = matches!(error.kind, ErrorKind::Cancelled | ErrorKind::StatementTimeout);
        let failed = (!for_the_statement).then_some(error);
        let written = self.write_after(session, step, note, failed).await;
        written.map(drop).map_err(Broke::Record)
    }

    /// Writes how far a script came that goes no further. One that was stopped before its first statement has no entry
    /// yet.
    pub(super) async fn write_end(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        entry: &Entry,
        (place, progress, end): (&Place, &Progress, &End),
    ) -> Result<(), DriverError> {
        let rank = match entry.rank {
            Some(rank) => rank,
            None => self.begin(session, step, &entry.execution, place).await?,
        };
        self.write_down(session, step, Note::Advance(rank, progress))
            .await?;
        self.write_down(session, step, Note::Finish(rank, end))
            .await
            .map(drop)
    }
}
