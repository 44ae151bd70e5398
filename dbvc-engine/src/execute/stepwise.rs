//! A script outside a transaction: intent before, progress after each statement, so that a broken-off run goes on
//! where it stopped.

use std::time::Instant;

use super::chain::Chain;
use super::describe::well;
use super::resume::Verdict;
use super::retry::{Retry, why};
use super::run::{Listener, Run, Worked};
use super::{StepFailure, open};
use crate::driver::{
    Action, AppliedState, Cause, CopyRows, DdlRollback, Effect, End, EntryStatus, Failure, Outcome, Progress,
    Session, StatementSource, StepDone, TransactionFit,
};
use crate::error::ErrorKind;
use crate::observe::Event;
use crate::plan::Step;
use crate::sql::{Piece, ScriptError, ScriptReader, Statement};
use crate::text::TextSource;

pub(super) type Reader = ScriptReader<Box<dyn TextSource>>;

/// One statement of a script, or a `COPY` whose rows come from the reader.
#[derive(Debug, Clone)]
pub(super) struct Next {
    pub(super) statement: Statement,
    pub(super) copy: bool,
}

/// The next statement that runs.
pub(super) fn next(reader: &mut Reader) -> Result<Option<Next>, ScriptError> {
    while let Some(piece) = reader.next_piece()? {
        match piece {
            Piece::Statement(statement) => {
                return Ok(Some(Next {
                    statement,
                    copy: false,
                }));
            }
            Piece::CopyStart(statement) => {
                return Ok(Some(Next {
                    statement,
                    copy: true,
                }));
            }
            Piece::CopyRows(_) | Piece::CopyEnd | Piece::ClientCommand { .. } => {}
        }
    }
    Ok(None)
}

/// The rows of a `COPY`, added to the chain as they pass.
struct ChainedRows<'a> {
    reader: &'a mut Reader,
    chain: &'a mut Chain,
}

impl CopyRows for ChainedRows<'_> {
    fn next_rows(&mut self) -> Result<Option<String>, ScriptError> {
        let rows = self.reader.next_copy_rows()?;
        if let Some(rows) = &rows {
            self.chain.add(rows);
        }
        Ok(rows)
    }
}

/// Where a stepwise script is.
pub(super) struct Place {
    pub(super) reader: Reader,
    pub(super) chain: Chain,
    pub(super) done: u32,
    pub(super) upcoming: Option<Next>,
}

impl Place {
    fn progress(&self) -> Progress {
        Progress {
            done: self.done,
            digest: self.chain.as_str().to_owned(),
            in_flight: self.upcoming.as_ref().map(|next| next.statement.sql.clone()),
        }
    }

    /// Counts the upcoming statement as done and reads the one after it.
    pub(super) fn pass(&mut self) -> Result<(), ScriptError> {
        if let Some(next) = self.upcoming.take() {
            self.chain.add(&next.statement.sql);
            self.done += 1;
        }
        self.upcoming = next(&mut self.reader)?;
        Ok(())
    }

    /// The same for a `COPY` whose rows were not sent by us just now: they are read over.
    pub(super) fn pass_with_rows(&mut self) -> Result<(), ScriptError> {
        if self.upcoming.as_ref().is_some_and(|next| next.copy) {
            let mut rows = ChainedRows {
                reader: &mut self.reader,
                chain: &mut self.chain,
            };
            while rows.next_rows()?.is_some() {}
        }
        self.pass()
    }
}

/// A stop that is not about a statement.
fn stopped(cause: impl Into<Cause>) -> Failure {
    Failure {
        statement: None,
        cause: cause.into(),
    }
}

impl Run<'_> {
    pub(super) async fn stepwise(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
    ) -> Result<Worked, StepFailure> {
        let clock = Instant::now();
        let script_failed = |error: ScriptError| StepFailure::unreadable(step, &error);
        let reader = open(&step.script, &self.placeholders, self.driver.dialect())
            .map_err(|error| script_failed(error.into()))?;
        let mut place = Place {
            reader,
            chain: Chain::start(),
            done: 0,
            upcoming: None,
        };
        place.upcoming = next(&mut place.reader).map_err(script_failed)?;
        session
            .refresh()
            .await
            .map_err(|error| StepFailure::bookkeeping(step, 0, &error))?;
        if let Some(resume) = &step.resume {
            self.go_on(session, step, resume, &mut place).await?;
        }
        let rank = self.begin(session, step, &place).await?;
        let mut worked = Worked::default();
        while place.upcoming.is_some() {
            if let Err(failure) = self.one(session, step, rank, &mut place, &mut worked).await {
                worked.duration = clock.elapsed();
                return Err(self.stop(session, step, rank, &place, worked, failure).await);
            }
        }
        worked.duration = clock.elapsed();
        let end = End {
            statements_done: place.done,
            duration: Some(worked.duration),
            ..well(step)
        };
        session
            .finish(&self.fence, rank, &end)
            .await
            .map_err(|error| StepFailure::bookkeeping(step, place.done, &error))?;
        // Whoever needs the session next finds out when it is of no use any more.
        let _ = session.refresh().await;
        Ok(worked)
    }

    /// Writes the intent, and ends the entry of the run that broke off.
    async fn begin(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        place: &Place,
    ) -> Result<u64, StepFailure> {
        let failed = |error| StepFailure::bookkeeping(step, place.done, &error);
        if let Some(resume) = &step.resume {
            let end = End {
                status: EntryStatus::Failed,
                statements_done: resume.done,
                duration: None,
                error: Some(format!("broke off; run {} goes on", self.who.run)),
                state: None,
            };
            session
                .finish(&self.fence, resume.rank, &end)
                .await
                .map_err(failed)?;
        }
        let execution = self.who.execution(step);
        session
            .start(&self.fence, &execution, &place.progress())
            .await
            .map_err(failed)
    }

    /// Runs the upcoming statement and writes that it is done.
    async fn one(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        rank: u64,
        place: &mut Place,
        worked: &mut Worked,
    ) -> Result<(), Failure> {
        if self.must_stop() {
            let kind = if self.lock_lost() {
                ErrorKind::LockLost
            } else {
                ErrorKind::Cancelled
            };
            let error = crate::error::DriverError::new(
                kind,
                crate::error::Operation::Execute,
                "stopped between two statements",
            );
            return Err(stopped(error));
        }
        if place.upcoming.as_ref().is_some_and(|next| next.copy) {
            return self.copy_and_advance(session, step, rank, place, worked).await;
        }
        // What is written when the statement has completed names the one after it.
        let (chain, running) = (place.chain.clone(), place.upcoming.clone());
        place.pass().map_err(stopped)?;
        let Some(running) = running else {
            return Ok(());
        };
        let progress = place.progress();
        let done = StepDone {
            fence: &self.fence,
            rank,
            progress: &progress,
        };
        let outcome = self
            .send(session, step, &running.statement, done, &mut worked.retries)
            .await;
        worked.rows += outcome.rows;
        if outcome.statements == 0 {
            place.chain = chain;
            place.done -= 1;
            place.upcoming = Some(running);
        } else {
            self.passed(step, place, worked);
        }
        outcome.failure.map_or(Ok(()), Err)
    }

    async fn copy_and_advance(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        rank: u64,
        place: &mut Place,
        worked: &mut Worked,
    ) -> Result<(), Failure> {
        let Some(next) = place.upcoming.clone() else {
            return Ok(());
        };
        let mut rows = ChainedRows {
            reader: &mut place.reader,
            chain: &mut place.chain,
        };
        let outcome = session
            .copy_in(&next.statement, &mut rows, &self.limits(step))
            .await;
        worked.rows += outcome.rows;
        if let Some(failure) = outcome.failure {
            return Err(failure);
        }
        place.pass().map_err(stopped)?;
        self.passed(step, place, worked);
        let written = session.advance(&self.fence, rank, &place.progress()).await;
        written.map_err(stopped)
    }

    fn passed(&self, step: &Step, place: &Place, worked: &mut Worked) {
        worked.statements += 1;
        self.observer.on(&Event::StepProgress {
            done: place.done,
            of: step.statements,
        });
    }

    /// Sends a statement with what is written after it, again when it only had to wait too long for a lock: then
    /// nothing happened.
    async fn send(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        statement: &Statement,
        done: StepDone<'_>,
        retries: &mut u32,
    ) -> Outcome {
        let mut limits = self.limits(step);
        // What refuses a transaction lets others pass while it waits, and would leave half of its work behind where it
        // gave up (`CREATE INDEX CONCURRENTLY`). What commits by itself makes others queue behind it (MySQL's DDL).
        let refuses = matches!(
            self.driver.transaction_fit(&statement.sql),
            TransactionFit::Refused(_)
        );
        if refuses && !self.lock_timeout_is_said(step) {
            limits.lock_timeout = None;
        }
        let mut listener = Listener {
            observer: self.observer,
            before: done.progress.done - 1,
            of: step.statements,
        };
        let mut retry = Retry::new(self.lock_patience);
        loop {
            let outcome = session
                .execute_step(statement, done, &limits, &mut listener)
                .await;
            if outcome.statements > 0 {
                return outcome;
            }
            let Some(Cause::Driver(error)) = outcome.failure.as_ref().map(|failure| &failure.cause) else {
                return outcome;
            };
            let Some(pause) = retry.pause_after(error) else {
                return outcome;
            };
            if self.must_stop() || !self.is_unharmed(session, statement).await {
                return outcome;
            }
            *retries += 1;
            self.pause(step, &why(error), pause).await;
        }
    }

    fn fits(&self, statement: &Statement) -> bool {
        self.driver.transaction_fit(&statement.sql) == TransactionFit::Fits
    }

    /// A statement that fits a transaction is undone by its own failure, and so is each where the server undoes single
    /// schema changes; another may leave something.
    async fn is_unharmed(&self, session: &mut Box<dyn Session>, statement: &Statement) -> bool {
        let undone = session.capabilities().ddl == DdlRollback::Statement;
        undone
            || self.fits(statement)
            || matches!(session.effect(statement, None).await, Ok(Effect::Absent(_)))
    }

    /// Writes how the step broke off. What may have been left half done stays noted as under way.
    async fn stop(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        rank: u64,
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
        if let Verdict::Clean = self.aftermath(session, statement, &mut failed).await {
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
        };
        let written = match session.advance(&self.fence, rank, &progress).await {
            Ok(()) => session.finish(&self.fence, rank, &end).await,
            Err(error) => Err(error),
        };
        if let Err(error) = written {
            failed.note_unrecorded(&error);
        }
        failed
    }
}
