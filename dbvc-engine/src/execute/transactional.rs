//! Migrations that are one transaction each, as many in one go as the server takes.

use std::collections::HashSet;
use std::time::Duration;

use super::describe::well;
use super::failure::error_class;
use super::group::Group;
use super::retry::{Retry, why};
use super::run::{Durable, Run, Worked};
use super::words::orphan_at_work;
use super::{StepFailure, open};
use crate::driver::{
    Action, AppliedState, Cause, End, EntryStatus, ExecutionFilter, Failure, Heard, NewExecution, Notice,
    Outcome, Queued, Session, Unit,
};
use crate::error::{DriverError, ErrorKind, Operation};
use crate::migration::Kind;
use crate::observe::Event;
use crate::plan::Step;
use crate::sql::ScriptError;

const ORPHAN_PAUSE: Duration = Duration::from_millis(100);

/// A step that did not come to its end.
struct Stopped {
    worked: Worked,
    failure: Failure,
}

impl Run<'_> {
    /// Runs a group of transactions in order. `done` grows by each that is committed.
    pub(super) async fn in_turn(
        &self,
        session: &mut Box<dyn Session>,
        group: &Group<'_>,
        done: &mut Vec<Worked>,
    ) -> Result<(), StepFailure> {
        let executions: Vec<_> = group
            .steps
            .iter()
            .enumerate()
            .map(|(index, step)| {
                let in_run = self.in_run(group.first + index, group.plan.len());
                self.who.execution(step, in_run)
            })
            .collect();
        let mut turn = Turn::new(self, group);
        let mut tried = Tried::new(self.lock_patience);
        while let Some(step) = group.steps.get(done.len() - group.first) {
            if self.must_stop() {
                return Err(StepFailure::cancelled_before(step, self.lock_lost()));
            }
            let at = done.len() - group.first;
            let stopped = self.apply(session, &executions, &mut turn, at, done).await;
            if let Some(worked) = done.get_mut(group.first + tried.at) {
                worked.retries = tried.retry.times();
            }
            let Some(mut stopped) = stopped else {
                continue;
            };
            let at = done.len() - group.first;
            if !self.must_stop()
                && let Some((why, pause)) = tried.again(at, &stopped.failure)
            {
                self.pause(&group.steps[at], &why, pause).await;
                continue;
            }
            stopped.worked.retries = tried.times(at);
            self.settle(session, &executions, &mut turn, stopped, done)
                .await?;
        }
        Ok(())
    }

    /// Hands the steps from `at` on to the session.
    async fn apply(
        &self,
        session: &mut Box<dyn Session>,
        executions: &[NewExecution],
        turn: &mut Turn<'_>,
        at: usize,
        done: &mut Vec<Worked>,
    ) -> Option<Stopped> {
        turn.skipped = at;
        let steps = &turn.group.steps[at..];
        let ends: Vec<End> = steps.iter().map(well).collect();
        let mut unreadable = None;
        let mut queue = Vec::with_capacity(steps.len());
        for ((step, end), execution) in steps.iter().zip(&ends).zip(&executions[at..]) {
            match open(&step.script, &self.placeholders, self.driver.dialect()) {
                Ok(source) => queue.push(Queued {
                    unit: Unit {
                        fence: &self.fence,
                        execution,
                        end,
                        durable: self.is_durable(turn.group, at + queue.len()),
                    },
                    source: Box::new(source),
                    limits: self.limits(step),
                }),
                Err(error) => {
                    unreadable = Some(ScriptError::from(error));
                    break;
                }
            }
        }
        let mut outcomes = Vec::new();
        if !queue.is_empty() {
            outcomes = session.apply_in_turn(&mut queue, turn).await;
        }
        for outcome in outcomes {
            let worked = Worked::from(&outcome);
            match outcome.failure {
                None => done.push(worked),
                Some(failure) => return Some(Stopped { worked, failure }),
            }
        }
        // What comes before an unreadable file runs, as it would have without it.
        let here = done.len() - turn.group.first;
        let error = unreadable.filter(|_| here == at + queue.len())?;
        turn.begins(here - at);
        Some(Stopped {
            worked: Worked::default(),
            failure: Failure {
                statement: None,
                cause: error.into(),
            },
        })
    }

    /// Whether a step's commit must be on disk when it returns.
    fn is_durable(&self, group: &Group<'_>, at: usize) -> bool {
        let last = at + 1 == group.steps.len() && !group.goes_on;
        last || self.durable == Durable::Migration
    }

    pub(super) async fn pause(&self, step: &Step, why: &str, pause: Duration) {
        self.observer.on(&Event::Retrying {
            script: &step.name(),
            why,
            pause,
        });
        tokio::select! {
            () = tokio::time::sleep(pause) => {}
            () = self.cancel.cancelled() => {}
        }
    }

    /// Decides what a failure means: after a lost connection the history tells which commits came through.
    async fn settle(
        &self,
        session: &mut Box<dyn Session>,
        executions: &[NewExecution],
        turn: &mut Turn<'_>,
        stopped: Stopped,
        done: &mut Vec<Worked>,
    ) -> Result<(), StepFailure> {
        let group = turn.group;
        let step = &group.steps[done.len() - group.first];
        let mut gone = 0;
        if matches!(&stopped.failure.cause, Cause::Driver(error) if error.kind.ends_session()) {
            let at_most = done.len() + group.steps.len();
            let seen = self.look_again(session, at_most).await.map_err(|unknown| {
                let floating = self.floating(group, done.len());
                StepFailure::in_doubt(step, &stopped.failure, &unknown, floating)
            })?;
            gone = vanished(group, &seen, done.len());
            if gone == 0 && turn.came_through(&seen, done) {
                // The rest is tried on the new connection.
                return Ok(());
            }
        }
        let execution = &executions[done.len() - group.first];
        Err(self.record_failure(session, step, execution, stopped, gone).await)
    }

    async fn record_failure(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        execution: &NewExecution,
        stopped: Stopped,
        vanished: usize,
    ) -> StepFailure {
        let Stopped { worked, failure } = stopped;
        // What was sent last may reach the server after all: the state is then that commit's to write.
        let lost = matches!(&failure.cause, Cause::Driver(error) if error.kind.ends_session());
        let state = state_after_failure(step).filter(|_| !lost);
        let mut failed = StepFailure::rolled_back(step, &failure, worked.statements, self.lock_lost());
        failed.worked(worked);
        failed.lost_with_the_server(vanished);
        if failed.is_recorded() {
            let end = End {
                status: EntryStatus::Failed,
                statements_done: 0,
                duration: Some(worked.duration),
                error: Some(failed.summary()),
                state,
                error_class: Some(error_class(&failure.cause)),
                of: None,
            };
            if let Err(error) = session.record(&self.fence, execution, &end).await {
                failed.note_unrecorded(&error);
            }
        }
        failed
    }

    /// The migrations that this run has committed, as a new connection finds them.
    async fn look_again(
        &self,
        session: &mut Box<dyn Session>,
        at_most: usize,
    ) -> Result<HashSet<String>, DriverError> {
        self.reconnect(session).await?;
        self.wait_for_orphan(session).await?;
        let filter = ExecutionFilter {
            migration: None,
            limit: Some(u32::try_from(at_most).unwrap_or(u32::MAX)),
        };
        let executions = session.executions(&filter).await?;
        Ok(executions
            .into_iter()
            .filter(|entry| entry.run == self.who.run && entry.status == EntryStatus::Completed)
            .map(|entry| entry.migration)
            .collect())
    }

    /// The server may still be at work on what the lost connection sent.
    async fn wait_for_orphan(&self, session: &mut Box<dyn Session>) -> Result<(), DriverError> {
        let mut told = false;
        while let Some(name) = session.at_work().await? {
            if !std::mem::replace(&mut told, true) {
                self.say(&orphan_at_work(&name));
            }
            tokio::select! {
                () = tokio::time::sleep(ORPHAN_PAUSE) => {}
                () = self.cancel.cancelled() => {
                    return Err(DriverError::new(
                        ErrorKind::Cancelled,
                        Operation::Execute,
                        format!("session {name} still works on what the lost connection sent"),
                    ));
                }
            }
        }
        Ok(())
    }

    /// How many of the steps that are done may not be on disk yet.
    fn floating(&self, group: &Group<'_>, done: usize) -> usize {
        if self.durable == Durable::Migration {
            return 0;
        }
        let newest_first = group.plan[..done].iter().rev();
        newest_first.take_while(|step| step.transactional).count()
    }
}

/// How many of the steps that were committed are not there any more: what a crash takes is always the end.
fn vanished(group: &Group<'_>, seen: &HashSet<String>, done: usize) -> usize {
    let newest_first = group.plan[..done].iter().rev();
    newest_first
        .take_while(|step| step.transactional && !seen.contains(&step.migration.to_string()))
        .count()
}

impl From<&Outcome> for Worked {
    fn from(outcome: &Outcome) -> Self {
        Self {
            statements: outcome.statements,
            rows: outcome.rows,
            duration: outcome.duration,
            retries: 0,
        }
    }
}

/// How often one step was tried.
struct Tried {
    patience: Duration,
    at: usize,
    retry: Retry,
}

impl Tried {
    fn new(patience: Duration) -> Self {
        Self {
            patience,
            at: 0,
            retry: Retry::new(patience),
        }
    }

    /// Why the step at `at` is tried again, and after which pause. A unit that failed was rolled back as a whole.
    fn again(&mut self, at: usize, failure: &Failure) -> Option<(String, Duration)> {
        if self.at != at {
            *self = Self {
                at,
                ..Self::new(self.patience)
            };
        }
        let Cause::Driver(error) = &failure.cause else {
            return None;
        };
        let pause = self.retry.pause_after(error)?;
        Some((why(error), pause))
    }

    fn times(&self, at: usize) -> u32 {
        if self.at == at { self.retry.times() } else { 0 }
    }
}

/// Passes on what a session tells of a queue of units.
struct Turn<'a> {
    run: &'a Run<'a>,
    group: &'a Group<'a>,
    /// Steps of the group before the queue's first.
    skipped: usize,
    now: usize,
    /// Steps of the group whose beginning was told.
    told: usize,
}

impl<'a> Turn<'a> {
    fn new(run: &'a Run<'a>, group: &'a Group<'a>) -> Self {
        Self {
            run,
            group,
            skipped: 0,
            now: 0,
            told: 0,
        }
    }

    fn started(&mut self, at: usize) {
        self.now = at;
        // A step that is tried again has begun before.
        if at >= self.told && at < self.group.steps.len() {
            self.told = at + 1;
            let step = &self.group.steps[at];
            self.run
                .step_started(step, self.group.first + at, self.group.plan.len());
        }
    }

    /// Counts the steps whose commits are found only in the history; whether there is one.
    fn came_through(&mut self, seen: &HashSet<String>, done: &mut Vec<Worked>) -> bool {
        let before = done.len();
        while let Some(step) = self.group.steps.get(done.len() - self.group.first) {
            if !seen.contains(&step.migration.to_string()) {
                break;
            }
            let worked = Worked {
                statements: step.statements,
                ..Worked::default()
            };
            self.started(done.len() - self.group.first);
            self.run.step_finished(step, &worked);
            done.push(worked);
        }
        done.len() > before
    }
}

impl Heard for Turn<'_> {
    fn notice(&mut self, notice: Notice) {
        self.run.observer.on(&Event::Notice(&notice));
    }

    fn progress(&mut self, done: u32) {
        self.run.observer.on(&Event::StepProgress {
            done,
            of: self.group.steps[self.now].statements,
        });
    }

    fn begins(&mut self, unit: usize) {
        self.started(self.skipped + unit);
    }

    fn committed(&mut self, unit: usize, outcome: &Outcome) {
        let step = &self.group.steps[self.skipped + unit];
        self.run.step_finished(step, &Worked::from(outcome));
    }
}

/// A versioned migration that never was in the schema is shown as failed; anything else stands as it stood.
fn state_after_failure(step: &Step) -> Option<AppliedState> {
    (step.action == Action::Migrate && step.kind != Kind::Repeatable).then_some(AppliedState::Failed)
}
