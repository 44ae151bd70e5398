//! A script outside a transaction: intent before, progress after each statement, so that a broken-off run goes on
//! where it stopped.

use std::time::Instant;

use super::book::Note;
use super::entry::{Entry, all_done, told};
use super::failure::error_class;
use super::place::{ChainedRows, Place};
use super::resume::Verdict;
use super::retry::{Retry, why};
use super::run::{Listener, Run, Worked};
use super::{StepFailure, open};
use crate::driver::{
    Action, AppliedState, Cause, DdlRollback, Effect, End, EntryStatus, Failure, InRun, Outcome, Progress,
    Session, StepAfter, StepEntry, StepNotes, Stepped, TransactionFit,
};
use crate::error::{DriverError, ErrorKind};
use crate::observe::Event;
use crate::plan::Step;
use crate::sql::{ScriptError, Statement};

/// Why a script goes no further.
pub(super) enum Broke {
    /// A statement failed, or may not be begun.
    Statement(Failure),
    /// It was done, and that cannot be written down.
    Record(DriverError),
}

/// A stop that is not about a statement.
fn stopped(cause: impl Into<Cause>) -> Broke {
    Broke::Statement(Failure {
        statement: None,
        cause: cause.into(),
    })
}

impl Run<'_> {
    pub(super) async fn stepwise(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        in_run: InRun,
    ) -> Result<Worked, StepFailure> {
        let clock = Instant::now();
        let script_failed = |error: ScriptError| StepFailure::unreadable(step, &error);
        let reader = open(&step.script, &self.placeholders, self.driver.dialect())
            .map_err(|error| script_failed(error.into()))?;
        let mut place = Place::before(reader).map_err(script_failed)?;
        session
            .refresh()
            .await
            .map_err(|error| StepFailure::bookkeeping(step, 0, &error))?;
        if let Some(resume) = &step.resume {
            self.go_on(session, step, resume, &mut place).await?;
        }
        let mut entry = self.entry(session, (step, in_run), &place, clock).await?;
        let mut worked = Worked::default();
        while place.upcoming.is_some() {
            match self.one(session, step, &mut entry, &mut place, &mut worked).await {
                Ok(()) => {}
                Err(Broke::Statement(failure)) => {
                    worked.duration = clock.elapsed();
                    return Err(self.stop(session, step, &entry, &place, worked, failure).await);
                }
                Err(Broke::Record(error)) => {
                    return Err(StepFailure::bookkeeping(step, place.done, &self.seen(error)));
                }
            }
        }
        worked.duration = clock.elapsed();
        if let (Some(rank), false) = (entry.rank, entry.ended) {
            let end = End {
                duration: Some(worked.duration),
                ..all_done(step, &place, &entry.execution)
            };
            self.write_down(session, step, Note::Finish(rank, &end))
                .await
                .map_err(|error| StepFailure::bookkeeping(step, place.done, &self.seen(error)))?;
        }
        // Whoever needs the session next finds out when it is of no use any more.
        let _ = session.refresh().await;
        Ok(worked)
    }

    /// Runs the upcoming statement and writes that it is done.
    async fn one(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        entry: &mut Entry,
        place: &mut Place,
        worked: &mut Worked,
    ) -> Result<(), Broke> {
        if self.must_stop() {
            let kind = if self.lock_lost() {
                ErrorKind::LockLost
            } else {
                ErrorKind::Cancelled
            };
            let error = DriverError::new(
                kind,
                crate::error::Operation::Execute,
                "stopped between two statements",
            );
            return Err(stopped(error));
        }
        if place.upcoming.as_ref().is_some_and(|next| next.copy) {
            return self.copy_and_advance(session, step, entry, place, worked).await;
        }
        // What is written when the statement has completed names the one after it.
        let intent = place.progress();
        let before = (place.chain.clone(), place.done, place.upcoming.clone());
        let passed = place.pass();
        let (Ok(()), Some(running)) = (&passed, &before.2) else {
            place.go_back(before);
            return passed.map_err(stopped);
        };
        let progress = place.progress();
        let end = place
            .upcoming
            .is_none()
            .then(|| all_done(step, place, &entry.execution));
        let after = match &end {
            Some(end) => StepAfter::Finish(&progress, end),
            None => StepAfter::Advance(&progress),
        };
        let outcome = self
            .send(session, step, &running.statement, (entry, &intent, after), worked)
            .await;
        worked.rows += outcome.rows;
        if outcome.statements == 0 {
            place.go_back(before);
            return entry.unfinished(outcome);
        }
        self.passed(step, place, worked);
        entry.ended = end.is_some();
        match outcome.failure.map(|failure| failure.cause) {
            None => Ok(()),
            Some(Cause::Driver(error)) => self.write_still(session, step, entry, after, error).await,
            Some(cause) => Err(stopped(cause)),
        }
    }

    async fn copy_and_advance(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        entry: &mut Entry,
        place: &mut Place,
        worked: &mut Worked,
    ) -> Result<(), Broke> {
        let Some(next) = place.upcoming.clone() else {
            return Ok(());
        };
        let Some(rank) = entry.rank else {
            let begun = self.begin(session, step, &entry.execution, place).await;
            entry.rank = Some(begun.map_err(Broke::Record)?);
            return Ok(());
        };
        // Rows that were sent in vain are no part of what is done.
        let mut chain = place.chain.clone();
        let mut rows = ChainedRows {
            reader: &mut place.reader,
            chain: &mut chain,
        };
        let outcome = session
            .copy_in(&next.statement, &mut rows, &self.limits(step))
            .await;
        worked.rows += outcome.rows;
        if let Some(failure) = outcome.failure {
            return Err(Broke::Statement(failure));
        }
        place.chain = chain;
        place.pass().map_err(stopped)?;
        self.passed(step, place, worked);
        self.write_down(session, step, Note::Advance(rank, &place.progress()))
            .await
            .map(drop)
            .map_err(Broke::Record)
    }

    fn passed(&self, step: &Step, place: &Place, worked: &mut Worked) {
        worked.statements += 1;
        self.observer.on(&Event::StepProgress {
            done: place.done,
            of: step.statements,
        });
    }

    /// Sends a statement with what is written before and after it, again when it only had to wait too long for a lock:
    /// then nothing happened.
    async fn send(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        statement: &Statement,
        (entry, intent, after): (&mut Entry, &Progress, StepAfter<'_>),
        worked: &mut Worked,
    ) -> Outcome {
        let mut limits = self.limits(step);
        // What would leave half of its work behind where it gave up (`CREATE INDEX CONCURRENTLY`).
        if self.driver.lets_pass(&statement.sql) && !self.lock_timeout_is_said(step) {
            limits.lock_timeout = None;
        }
        let mut listener = Listener {
            observer: self.observer,
            before: intent.done,
            of: step.statements,
        };
        let mut retry = Retry::new(self.lock_patience);
        loop {
            let notes = StepNotes {
                fence: &self.fence,
                entry: match entry.rank {
                    Some(rank) => StepEntry::Open(rank),
                    None => StepEntry::New(&entry.execution, intent),
                },
                after,
                begun: entry.begun,
            };
            let Stepped { rank, outcome } = session
                .execute_step(statement, &notes, &limits, &mut listener)
                .await;
            entry.rank = entry.rank.or(rank);
            if outcome.statements > 0 {
                return outcome;
            }
            let Some(Cause::Driver(error)) = outcome.failure.as_ref().map(|failure| &failure.cause) else {
                return outcome;
            };
            let Some(pause) = retry.pause_after(error) else {
                return outcome;
            };
            let unharmed = entry.rank.is_none() || self.is_unharmed(session, statement).await;
            if self.must_stop() || !unharmed {
                return outcome;
            }
            worked.retries += 1;
            self.pause(step, &why(error), pause).await;
        }
    }

    fn fits(&self, statement: &Statement) -> bool {
        self.driver.transaction_fit(&statement.sql) == TransactionFit::Fits
    }

    /// Whether nothing of a statement that failed remains: the server undid it as a whole, or says that its effect is
    /// absent.
    async fn is_unharmed(&self, session: &mut Box<dyn Session>, statement: &Statement) -> bool {
        let undone = self.fits(statement) || session.capabilities().ddl == DdlRollback::Statement;
        (undone && self.driver.is_atomic(&statement.sql))
            || matches!(session.effect(statement, None).await, Ok(Effect::Absent(_)))
    }

    /// Writes how the step broke off. What may have been left half done stays noted as under way.
    async fn stop(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        entry: &Entry,
        place: &Place,
        worked: Worked,
        failure: Failure,
    ) -> StepFailure {
        let statement = place.upcoming.as_ref().map(|next| &next.statement);
        let mut failed = StepFailure::broken_off(step, &failure, statement, place.done, self.lock_lost());
        failed.worked(worked);
        if !failed.is_recorded() {
            return failed;
        }
        let mut progress = place.progress();
        let verdict = self.aftermath(session, statement, &failure, &mut failed).await;
        if let Verdict::Clean = verdict {
            progress.in_flight = None;
        }
        let nothing_done = place.done == 0 && progress.in_flight.is_none();
        let state = match (nothing_done, step.action) {
            (true, Action::Rollback) => AppliedState::Applied,
            (true, _) => AppliedState::Failed,
            (false, _) => AppliedState::Partial,
        };
        if nothing_done {
            failed.nothing_changed();
        }
        let end = End {
            status: EntryStatus::Failed,
            statements_done: place.done,
            duration: Some(worked.duration),
            error: Some(failed.summary()),
            state: Some(state),
            error_class: Some(error_class(&failure.cause)),
            of: Some(told(&entry.execution)),
        };
        if let Err(error) = self
            .write_end(session, step, entry, (place, &progress, &end))
            .await
        {
            failed.note_unrecorded(&error);
        }
        failed
    }
}
