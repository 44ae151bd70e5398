//! One run over all the steps of a plan.

use std::sync::Arc;
use std::time::Duration;

use serde::Serialize;
use tokio_util::sync::CancellationToken;

use super::group::Group;
use super::retry::LOCK_TIMEOUT;
use super::{StepFailure, Who};
use crate::audit::{AuditAction, AuditEvent};
use crate::diagnostic::Diagnostic;
use crate::driver::{
    Action, Deadline, Driver, Fence, Heard, InRun, Limits, LockKind, Notice, Session, Target,
};
use crate::error::{DriverError, ErrorKind, Operation};
use crate::lock::jittered;
use crate::observe::{Event, Observer};
use crate::plan::{Plan, Step, StepScript};
use crate::text::Placeholders;

const GOODBYE: Duration = Duration::from_secs(2);
/// A server that does not even refuse is not asked for longer.
const RECONNECT_PATIENCE: Duration = Duration::from_secs(15);
const LONGEST_RECONNECT_PAUSE: Duration = Duration::from_secs(5);

/// What the operator says of a statement whose effect cannot be told.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InFlight {
    /// It took effect; go on after it.
    Done,
    /// It did not; run it again.
    Repeat,
}

/// When what a run commits must be on disk. Commits reach it in order and a migration shares its commit with its entry
/// in the history, so either way a crash of the server leaves a beginning of the run, and the history knows which.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Durable {
    /// When the run ends, and before each step outside a transaction.
    #[default]
    Run,
    /// When each migration ends.
    Migration,
}

/// All that running needs and that does not change on the way.
pub struct Run<'a> {
    /// The database family.
    pub driver: Arc<dyn Driver>,
    /// The database, to connect to again when the connection is lost.
    pub target: &'a Target,
    /// Who runs.
    pub who: Who,
    /// Told what happens.
    pub observer: &'a dyn Observer,
    /// Fires when the run must stop.
    pub cancel: CancellationToken,
    /// Fires when the lock is lost.
    pub lost: CancellationToken,
    /// The lease's end; nothing is sent after it.
    pub lease: Deadline,
    /// The lock's number.
    pub fence: Fence,
    /// Values for `${name}`.
    pub placeholders: Placeholders,
    /// The longest a statement may run, unless its script says otherwise.
    pub statement_timeout: Option<Duration>,
    /// The longest a statement may wait for a lock, unless its script says otherwise; on a server [`LOCK_TIMEOUT`] when
    /// nothing is said.
    pub lock_timeout: Option<Duration>,
    /// How long a migration is tried again because of locks.
    pub lock_patience: Duration,
    /// The operator's word on a statement whose effect cannot be told.
    pub in_flight: Option<InFlight>,
    /// When what is committed must be on disk.
    pub durable: Durable,
    /// The digest of the plan, for the audit trail.
    pub plan_digest: String,
    /// What was overridden for this run, for the audit trail.
    pub overrides: Vec<String>,
}

impl std::fmt::Debug for Run<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Run")
            .field("target", &self.target)
            .field("who", &self.who)
            .finish_non_exhaustive()
    }
}

/// How a step ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum StepOutcome {
    /// Well.
    Completed,
    /// Badly; nothing of it remains.
    Failed,
    /// Badly; some of it remains.
    Partial,
    /// It was not begun.
    NotRun,
}

/// What became of a step.
#[derive(Debug, Clone, Serialize)]
pub struct StepReport {
    /// The migration's key.
    pub migration: String,
    /// Its description.
    pub description: String,
    /// What ran.
    pub script: String,
    /// What was done.
    pub action: Action,
    /// How it ended.
    pub outcome: StepOutcome,
    /// Statements that took effect.
    pub statements: u32,
    /// Rows that they changed.
    pub rows: u64,
    /// How long it took, in milliseconds.
    pub duration_ms: u64,
    /// How often it was tried again, because of locks or conflicts.
    pub retries: u32,
}

/// What became of a run.
#[derive(Debug, Default)]
pub struct RunReport {
    /// Each step of the plan.
    pub steps: Vec<StepReport>,
    /// What stopped it.
    pub failure: Option<StepFailure>,
}

/// What a step did when it ended well.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Worked {
    pub(super) statements: u32,
    pub(super) rows: u64,
    pub(super) duration: Duration,
    pub(super) retries: u32,
}

impl Run<'_> {
    /// Runs the plan's steps in order, up to the first that fails, and closes the session.
    pub async fn run(&self, mut session: Box<dyn Session>, plan: &Plan) -> RunReport {
        let report = self.run_on(&mut session, plan).await;
        self.tell_untold(&mut session, &report).await;
        // All is recorded; a goodbye that fails or is not heard changes nothing.
        let _ = tokio::time::timeout(GOODBYE, session.close()).await;
        report
    }

    /// A run that ended without an entry of its own in the history (somebody stopped it between two steps) has its end
    /// told by itself. What cannot be told any more stays untold: a lost lock, a lost connection.
    async fn tell_untold(&self, session: &mut Box<dyn Session>, report: &RunReport) {
        let kept = |step: &&StepReport| step.outcome == StepOutcome::Completed;
        let done = report.steps.iter().filter(kept).count();
        let Some(failure) = report.failure.as_ref().filter(|_| done > 0) else {
            return;
        };
        if failure.is_recorded() || self.lock_lost() {
            return;
        }
        let mut event = AuditEvent::new(AuditAction::RunFailed, self.who.run, &self.who.actor)
            .with("steps", report.steps.len())
            .with("completed", done);
        event.environment.clone_from(&self.who.environment);
        event.reason.clone_from(&self.who.reason);
        event.tool_version.clone_from(&self.who.tool_version);
        event.plan_digest = Some(self.plan_digest.clone());
        event.outcome = Some("failure".to_owned());
        event.error_class = Some(failure.class.word().to_owned());
        let _ = tokio::time::timeout(GOODBYE, session.append(&self.fence, &[event.draft()])).await;
    }

    /// The same on a session that stays open; another one takes its place where the connection was lost.
    pub async fn run_on(&self, session: &mut Box<dyn Session>, plan: &Plan) -> RunReport {
        let mut done: Vec<Worked> = Vec::new();
        let mut failure = None;
        while done.len() < plan.steps.len() && failure.is_none() {
            let group = Group::next(&plan.steps, done.len());
            let ran = match group.alone() {
                Some(step) => self.alone(session, step, &mut done, plan).await,
                None => self.in_turn(session, &group, &mut done).await,
            };
            failure = ran.err();
        }
        RunReport {
            steps: step_reports(plan, &done, failure.as_ref()),
            failure,
        }
    }

    /// What the audit trail says of a step's place in the run.
    pub(super) fn in_run(&self, index: usize, of: usize) -> InRun {
        let number = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
        InRun {
            plan: self.plan_digest.clone(),
            number: number(index + 1),
            of: number(of),
            overrides: self.overrides.clone(),
        }
    }

    /// Whether nothing more may be begun. A process that was stopped and goes on finds the lease's end before anybody
    /// could tell it.
    pub(super) fn must_stop(&self) -> bool {
        self.cancel.is_cancelled() || self.lease.is_over()
    }

    pub(super) fn lock_lost(&self) -> bool {
        self.lost.is_cancelled() || self.lease.is_over()
    }

    /// Runs a step that is no transaction.
    async fn alone(
        &self,
        session: &mut Box<dyn Session>,
        step: &Step,
        done: &mut Vec<Worked>,
        plan: &Plan,
    ) -> Result<(), StepFailure> {
        if self.must_stop() {
            return Err(StepFailure::cancelled_before(step, self.lock_lost()));
        }
        self.step_started(step, done.len(), plan.steps.len());
        let in_run = self.in_run(done.len(), plan.steps.len());
        let worked = self.stepwise(session, step, in_run).await?;
        self.step_finished(step, &worked);
        done.push(worked);
        Ok(())
    }

    pub(super) fn step_started(&self, step: &Step, index: usize, of: usize) {
        self.observer.on(&Event::StepStarted {
            number: index + 1,
            of,
            script: &step.name(),
            action: step.action,
            statements: step.statements,
        });
    }

    pub(super) fn step_finished(&self, step: &Step, worked: &Worked) {
        self.observer.on(&Event::StepFinished {
            script: &step.name(),
            statements: worked.statements,
            rows: worked.rows,
            duration: worked.duration,
        });
    }

    /// Opens another connection in place of a broken one; a server that restarts is given some seconds.
    pub(super) async fn reconnect(&self, session: &mut Box<dyn Session>) -> Result<(), DriverError> {
        let mut pause = Duration::from_millis(100);
        let begun = tokio::time::Instant::now();
        loop {
            match self.connect_again().await {
                Ok(fresh) => {
                    *session = fresh;
                    return Ok(());
                }
                Err(error)
                    if !may_come_back(error.kind)
                        || self.must_stop()
                        || pause > LONGEST_RECONNECT_PAUSE
                        || begun.elapsed() > RECONNECT_PATIENCE =>
                {
                    return Err(error);
                }
                Err(_) => tokio::select! {
                    () = tokio::time::sleep(jittered(pause)) => {}
                    () = self.cancel.cancelled() => {}
                },
            }
            pause *= 2;
        }
    }

    /// Who asked to stop does not wait long for a server that says nothing.
    async fn connect_again(&self) -> Result<Box<dyn Session>, DriverError> {
        let stopped = async {
            self.cancel.cancelled().await;
            tokio::time::sleep(GOODBYE).await;
        };
        tokio::select! {
            connected = self.driver.connect(self.target) => connected,
            () = stopped => Err(DriverError::new(
                ErrorKind::Unreachable,
                Operation::Connect,
                "the server did not answer in the time that a stop leaves",
            )),
        }
    }

    /// The limits of a step: its script's own, else the run's.
    pub(super) fn limits(&self, step: &Step) -> Limits {
        let directives = match &step.script {
            StepScript::File(script) => Some(&script.directives),
            StepScript::Stored { .. } => None,
        };
        // Zero is written for no limit.
        let limited = |limit: &Duration| !limit.is_zero();
        let statement = directives
            .and_then(|d| d.statement_timeout)
            .or(self.statement_timeout);
        let lock = directives.and_then(|d| d.lock_timeout).or(self.lock_timeout);
        Limits {
            statement_timeout: statement.filter(limited),
            lock_timeout: lock.or(self.default_lock_timeout()).filter(limited),
            cancel: self.cancel.clone(),
            lease: self.lease.clone(),
        }
    }

    /// Whether how long to wait for a lock was said, in the script or for the run.
    pub(super) fn lock_timeout_is_said(&self, step: &Step) -> bool {
        matches!(&step.script, StepScript::File(script) if script.directives.lock_timeout.is_some())
            || self.lock_timeout.is_some()
    }

    /// A file has its own way of waiting for other writers, and nobody queues behind who waits for it.
    fn default_lock_timeout(&self) -> Option<Duration> {
        (self.driver.info().capabilities.lock != LockKind::File).then_some(LOCK_TIMEOUT)
    }

    pub(super) fn say(&self, diagnostic: &Diagnostic) {
        self.observer.on(&Event::Diagnostic(diagnostic));
    }
}

/// Whether a server that refuses a connection so may take it a moment later. One that refuses the login will not, and
/// trying on may lock the login.
fn may_come_back(kind: ErrorKind) -> bool {
    matches!(
        kind,
        ErrorKind::Unreachable | ErrorKind::Resources | ErrorKind::ConnectionLost | ErrorKind::Protocol
    )
}

/// What became of each step. Steps that were committed and that the server lost again when it crashed count as not run.
fn step_reports(plan: &Plan, done: &[Worked], failure: Option<&StepFailure>) -> Vec<StepReport> {
    let lost = failure.map_or(0, |failure| failure.vanished);
    let kept = done.len().saturating_sub(lost);
    let report = |(index, step): (usize, &Step)| match (done.get(index), failure) {
        (Some(worked), _) if index < kept => step_report(step, StepOutcome::Completed, *worked),
        (None, Some(failure)) if index == done.len() => {
            step_report(step, failure.outcome(), failure.report())
        }
        _ => step_report(step, StepOutcome::NotRun, Worked::default()),
    };
    plan.steps.iter().enumerate().map(report).collect()
}

fn step_report(step: &Step, outcome: StepOutcome, worked: Worked) -> StepReport {
    StepReport {
        migration: step.migration.to_string(),
        description: step.description.clone(),
        script: step.name(),
        action: step.action,
        outcome,
        statements: worked.statements,
        rows: worked.rows,
        duration_ms: u64::try_from(worked.duration.as_millis()).unwrap_or(u64::MAX),
        retries: worked.retries,
    }
}

/// Passes what a session hears on to the observer.
pub(super) struct Listener<'a> {
    pub(super) observer: &'a dyn Observer,
    pub(super) before: u32,
    pub(super) of: u32,
}

impl Heard for Listener<'_> {
    fn notice(&mut self, notice: Notice) {
        self.observer.on(&Event::Notice(&notice));
    }

    fn progress(&mut self, done: u32) {
        self.observer.on(&Event::StepProgress {
            done: self.before + done,
            of: self.of,
        });
    }
}
