//! What a database is expected to be: the newest snapshot of its record, moved on with each run.

use std::time::Duration;

use sha2::{Digest, Sha256};

use super::opening::Opening;
use super::{Context, ExitClass, Failed, OnDrift};
use crate::audit::AuditAction;
use crate::diagnostic::Diagnostic;
use crate::diff::{DiffOptions, Difference, carry, diff};
use crate::driver::{
    Access, Action, AppliedState, Fence, NewSnapshot, Session, Snapshot, SnapshotChoice, SnapshotEntry,
    SnapshotKind,
};
use crate::error::DriverError;
use crate::execute::{RunReport, StepOutcome};
use crate::observe::Event;
use crate::plan::{Known, Plan};
use crate::schema::Database;

/// Reading and keeping a schema after a run takes so long at most: the work itself is done.
const LONGEST: Duration = Duration::from_mins(2);

/// What is known before a run of what the schema should be.
pub(super) enum Before {
    /// Nothing is kept, and nobody asked for that.
    Untold,
    /// Nothing can be said of what is there; what is there after the run is expected from then on.
    Anew,
    /// What was expected, and what is there.
    Told(Box<(Database, Database)>),
}

impl Context<'_> {
    /// Compares under the lock and before the first statement, where the record keeps snapshots. Where this environment
    /// wants it, a run that would migrate is refused.
    pub(super) async fn before_run(
        &self,
        opening: &mut Opening,
        plan: &Plan,
        fence: &Fence,
    ) -> Result<Before, Failed> {
        let refuse = self.settings.policy.on_drift == OnDrift::Refuse;
        if opening.survey.snapshot.is_none() {
            if refuse && opening.known.present().next().is_some() {
                self.tell(&without_snapshot());
            }
            return Ok(if refuse { Before::Anew } else { Before::Untold });
        }
        let (Some(kept), live) = self.read_both(opening).await? else {
            return Ok(Before::Anew);
        };
        let expected = self.schema_of(&kept)?;
        if moved_since(&opening.known, &kept.entry) {
            self.tell(&moved(&kept.entry));
            return Ok(Before::Anew);
        }
        let found = diff(&expected, &live, DiffOptions::default());
        if !found.is_empty() {
            self.note_drift(opening.session.as_mut(), fence, (&found, &live), &kept.entry)
                .await?;
            let migrates = plan.steps.iter().any(|step| step.action == Action::Migrate);
            if refuse && migrates {
                let told = drifted(&found, &of_snapshot(&kept.entry)).help("`dbvc drift` shows what, and the SQL that undoes it; `dbvc drift --approve \"why\"` accepts it");
                return Err(Failed::one(ExitClass::Drift, told));
            }
            let mut warning = drifted(&found, &of_snapshot(&kept.entry));
            warning.severity = crate::diagnostic::Severity::Warning;
            self.tell(&warning.help("`dbvc drift` shows what, before and after this run"));
        }
        Ok(Before::Told(Box::new((expected, live))))
    }

    /// The newest snapshot and the schema as it is, at once where two connections are open.
    async fn read_both(&self, opening: &mut Opening) -> Result<(Option<Snapshot>, Database), Failed> {
        let newest = &SnapshotChoice::Newest;
        let Opening { session, worker, .. } = opening;
        let reading = async {
            if let Some(worker) = worker {
                return tokio::join!(session.snapshot(newest), worker.introspect());
            }
            let kept = session.snapshot(newest).await;
            (kept, session.introspect().await)
        };
        let (kept, live) = self.unless_cancelled(reading).await?;
        let failed = |error: DriverError| Failed::driver(&self.target, &error);
        Ok((kept.map_err(failed)?, live.map_err(failed)?))
    }

    /// The audit trail is told what was found. What it is about stays out: names may be secret, too.
    async fn note_drift(
        &self,
        session: &mut dyn Session,
        fence: &Fence,
        (found, live): (&Difference, &Database),
        kept: &SnapshotEntry,
    ) -> Result<(), Failed> {
        let event = self
            .event(AuditAction::DriftFound)
            .with("changes", found.changes.len())
            .with("snapshot", kept.id)
            .with("schema", checksum(&live.to_json()));
        let told = session.append(fence, &[event.draft()]).await;
        told.map_err(|error| Failed::driver(&self.target, &error))
    }

    /// Moves the expected state on after a run that changed something. What goes wrong here is told and changes nothing:
    /// the migrations are done and recorded.
    pub(super) async fn after_run(&self, before: Before, fence: &Fence, ran: &RunReport) {
        let changed = ran
            .steps
            .iter()
            .any(|step| matches!(step.outcome, StepOutcome::Completed | StepOutcome::Partial));
        if !changed || matches!(before, Before::Untold) {
            return;
        }
        let kept = tokio::time::timeout(LONGEST, self.keep_expected(before, fence)).await;
        let told = match kept {
            Ok(Ok(())) => return,
            Ok(Err(reason)) => reason,
            Err(_) => "the database did not answer in time".to_owned(),
        };
        self.tell(
            &Diagnostic::warning(
                "DBVC3053",
                "the schema after this run could not be kept as what is expected",
            )
            .note(told)
            .help("take it with `dbvc snapshot`; until then nobody can tell what was changed past dbvc"),
        );
    }

    async fn keep_expected(&self, before: Before, fence: &Fence) -> Result<(), String> {
        let told = |error: DriverError| error.to_string();
        // Who asked to stop stopped the migrations; what they did is still to be kept.
        let target = self.target(Access::ReadWrite);
        let mut session = self.driver.connect(&target).await.map_err(told)?;
        let now = session.introspect().await.map_err(told)?;
        let expected = match before {
            Before::Told(both) => carry(&both.0, &both.1, &now).map_err(|error| error.to_string())?,
            Before::Anew | Before::Untold => now,
        };
        let snapshot = self.new_snapshot(SnapshotKind::Run, None, &expected);
        session.keep_snapshot(fence, &snapshot).await.map_err(told)?;
        // All is kept; a goodbye that fails changes nothing.
        let _ = session.close().await;
        Ok(())
    }

    /// A snapshot of `database`, taken by this run.
    pub(super) fn new_snapshot(
        &self,
        kind: SnapshotKind,
        version: Option<String>,
        database: &Database,
    ) -> NewSnapshot {
        let content = database.to_json();
        NewSnapshot {
            run: self.run,
            kind,
            version,
            checksum: checksum(&content),
            content,
            actor: self.actor.clone(),
            environment: self.settings.environment.clone(),
            reason: self.reason.clone(),
            tool_version: self.tool_version.clone(),
        }
    }

    /// The newest snapshot; none where the record keeps none.
    pub(super) async fn newest_snapshot(&self, opening: &mut Opening) -> Result<Option<Snapshot>, Failed> {
        if opening.survey.snapshot.is_none() || opening.survey.layout != Some(crate::driver::LAYOUT) {
            return Ok(None);
        }
        let kept = self.unless_cancelled(opening.session.snapshot(&SnapshotChoice::Newest));
        kept.await?.map_err(|error| Failed::driver(&self.target, &error))
    }

    /// The schema that a snapshot of the record holds.
    pub(super) fn schema_of(&self, kept: &Snapshot) -> Result<Database, Failed> {
        let damaged = |why: String| {
            let message = format!(
                "snapshot {} in the record of {} cannot be used",
                kept.entry.id, self.target
            );
            Failed::one(
                ExitClass::Findings,
                Diagnostic::error("DBVC3055", message)
                    .note(why)
                    .help("take another one with `dbvc snapshot`"),
            )
        };
        if checksum(&kept.content) != kept.entry.checksum {
            return Err(damaged(
                "its content does not fit its checksum: somebody edited it".into(),
            ));
        }
        let database = Database::from_json(&kept.content).map_err(|error| damaged(error.to_string()))?;
        if database.dialect != self.driver.info().name {
            return Err(damaged(format!("it is of {}", database.dialect)));
        }
        Ok(database)
    }

    pub(super) async fn introspected(&self, session: &mut dyn Session) -> Result<Database, Failed> {
        let read = self.unless_cancelled(session.introspect()).await?;
        read.map_err(|error| Failed::driver(&self.target, &error))
    }

    fn tell(&self, diagnostic: &Diagnostic) {
        self.observer.on(&Event::Diagnostic(diagnostic));
    }
}

/// SHA-256 of a text: equal schemas have equal ones.
pub(super) fn checksum(text: &str) -> String {
    hex::encode(Sha256::digest(text))
}

/// Whether migrations ran after the snapshot was taken, so that it does not tell what is expected now: a run broke off
/// before it could take another. What failed and was rolled back does not count, and what was only declared neither.
pub(super) fn moved_since(known: &Known, kept: &SnapshotEntry) -> bool {
    let all = known.applied.values().map(AsRef::as_ref);
    all.chain(&known.unreadable).any(|applied| {
        let later = applied.rank > kept.rank || applied.at > kept.taken_at;
        later && applied.state != AppliedState::Failed && applied.action != Action::Baseline
    })
}

/// `1 object is not as expected`, and where the expectation comes from.
pub(super) fn drifted(found: &Difference, expected: &str) -> Diagnostic {
    let count = found.changes.len();
    let what = if count == 1 { "object is" } else { "objects are" };
    let message = format!("{count} {what} not as expected: changed past dbvc");
    let mut named: Vec<String> = found
        .changes
        .iter()
        .take(5)
        .map(|it| it.object.to_string())
        .collect();
    if count > named.len() {
        named.push("…".into());
    }
    Diagnostic::error("DBVC3050", message)
        .note(named.join(", "))
        .note(format!("expected is {expected}"))
}

pub(super) fn of_snapshot(kept: &SnapshotEntry) -> String {
    format!("the snapshot of {}", kept.taken_at)
}

fn without_snapshot() -> Diagnostic {
    Diagnostic::note_only(
        "DBVC3051",
        "the record keeps no snapshot yet, so nobody can tell what was changed past dbvc",
    )
    .help("this run takes one when it ends")
}

fn moved(kept: &SnapshotEntry) -> Diagnostic {
    Diagnostic::note_only(
        "DBVC3052",
        format!("migrations ran after the newest snapshot, of {}", kept.taken_at),
    )
    .help("this run takes another one when it ends; what was changed past dbvc before that does not show")
}
