//! A migration that is one transaction.

use std::time::Duration;

use super::describe::well;
use super::run::{Listener, Run, Worked};
use super::{StepFailure, open};
use crate::driver::{
    Action, AppliedState, Cause, End, EntryStatus, Failure, NewExecution, Outcome, Session, Unit,
};
use crate::error::{DriverError, ErrorKind};
use crate::lock::jittered;
use crate::migration::Kind;
use crate::observe::Event;
use crate::plan::Step;

/// How often a unit that was rolled back for a passing reason is tried again.
const RETRIES: u32 = 5;
const FIRST_PAUSE: Duration = Duration::from_millis(200);

impl Run<'_> {
    pub(super) async fn transactional(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
    ) -> Result<Worked, StepFailure> {
        let execution = self.who.execution(step);
        let mut pause = FIRST_PAUSE;
        let mut tries = 0;
        loop {
            let outcome = self.apply_once(session, step, &execution).await;
            let worked = Worked {
                statements: outcome.statements,
                rows: outcome.rows,
                duration: outcome.duration,
            };
            let Some(failure) = outcome.failure else {
                return Ok(worked);
            };
            match passing_reason(&failure) {
                Some(why) if tries < RETRIES && !self.cancel.is_cancelled() => {
                    tries += 1;
                    let pause_now = jittered(pause);
                    self.observer.on(&Event::Retrying {
                        script: &step.name(),
                        why: &why,
                        pause: pause_now,
                    });
                    tokio::select! {
                        () = tokio::time::sleep(pause_now) => {}
                        () = self.cancel.cancelled() => {}
                    }
                    pause *= 2;
                }
                _ => return self.settle(session, step, &execution, worked, failure).await,
            }
        }
    }

    async fn apply_once(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        execution: &NewExecution,
    ) -> Outcome {
        let mut source = match open(&step.script, &self.placeholders, self.driver.dialect()) {
            Ok(source) => source,
            Err(error) => return Outcome::default().stopped(None, crate::sql::ScriptError::from(error)),
        };
        let end = well(step);
        let unit = Unit {
            fence: &self.fence,
            execution,
            end: &end,
        };
        let mut listener = Listener {
            observer: self.observer,
            before: 0,
            of: step.statements,
        };
        session
            .apply(&unit, &mut source, &self.limits(step), &mut listener)
            .await
    }

    /// Decides what a failure means: after a lost connection the history tells whether the commit came through.
    async fn settle(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        execution: &NewExecution,
        worked: Worked,
        failure: Failure,
    ) -> Result<Worked, StepFailure> {
        let lost = matches!(&failure.cause, Cause::Driver(error) if error.kind.ends_session());
        if lost {
            match self.committed_after_all(session, execution).await {
                Ok(true) => {
                    return Ok(Worked {
                        statements: step.statements,
                        ..worked
                    });
                }
                Ok(false) => {}
                Err(unknown) => {
                    return Err(StepFailure::in_doubt(step, &failure, &unknown));
                }
            }
        }
        let mut failed =
            StepFailure::rolled_back(step, &failure, worked.statements, self.lost.is_cancelled());
        if failed.is_recorded() {
            let end = End {
                status: EntryStatus::Failed,
                statements_done: 0,
                duration: Some(worked.duration),
                error: Some(failed.summary()),
                state: state_after_failure(step),
            };
            if let Err(error) = session.record(&self.fence, execution, &end).await {
                failed.note_unrecorded(&error);
            }
        }
        Err(failed)
    }

    async fn committed_after_all(
        &self,
        session: &mut Box<dyn Session>,
        execution: &NewExecution,
    ) -> Result<bool, DriverError> {
        self.reconnect(session).await?;
        let filter = crate::driver::ExecutionFilter {
            migration: Some(execution.migration.clone()),
            limit: Some(1),
        };
        let last = session.executions(&filter).await?;
        Ok(last.first().is_some_and(|entry| {
            entry.run == execution.run
                && entry.action == execution.action
                && entry.status == EntryStatus::Completed
        }))
    }
}

fn passing_reason(failure: &Failure) -> Option<String> {
    match &failure.cause {
        Cause::Driver(error) if matches!(error.kind, ErrorKind::LockTimeout | ErrorKind::Conflict) => {
            Some(error.to_string())
        }
        _ => None,
    }
}

/// A versioned migration that never was in the schema is shown as failed; anything else stands as it stood.
fn state_after_failure(step: &Step) -> Option<AppliedState> {
    (step.action == Action::Migrate && step.kind != Kind::Repeatable).then_some(AppliedState::Failed)
}
