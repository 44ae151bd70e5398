//! What the audit trail tells of migrations and snapshots.

use super::RecordSql;
use super::chain::{Line, Only, When};
use super::write::word;
use crate::audit::{AuditAction, AuditEvent};
use crate::driver::{
    Action, AppliedState, End, EntryStatus, Identity, NewExecution, NewSnapshot, Registration, SnapshotKind,
};
use crate::migration::Checksum;

/// What an event has for the checksum of an undo script that the registry does not keep.
pub(crate) const NO_UNDO: &str = "none";

impl RecordSql {
    /// A script outside a transaction begins.
    pub(super) fn told_started(&self, execution: &NewExecution) -> Vec<Line> {
        let rank = self.newest(&execution.migration);
        let mut lines = run_started(execution, &rank);
        lines.push(started(execution, &rank));
        self.with_login(lines, &execution.actor.user)
    }

    /// It ends.
    pub(super) fn told_finished(&self, rank: &str, execution: &NewExecution, end: &End) -> Vec<Line> {
        let mut lines = vec![ended(execution, end, rank)];
        lines.extend(run_ended(execution, end, rank));
        self.with_login(lines, &execution.actor.user)
    }

    /// An entry that begins and ends at once.
    pub(super) fn told_recorded(&self, execution: &NewExecution, end: &End) -> Vec<Line> {
        let rank = self.newest(&execution.migration);
        let mut lines = run_started(execution, &rank);
        if matches!(execution.action, Action::Migrate | Action::Rollback) {
            lines.push(started(execution, &rank));
        }
        lines.push(ended(execution, end, &rank));
        lines.extend(run_ended(execution, end, &rank));
        self.with_login(lines, &execution.actor.user)
    }

    /// A snapshot is kept, the newest one.
    pub(super) fn told_snapshot(&self, snapshot: &NewSnapshot) -> Vec<Line> {
        let action = match snapshot.kind {
            SnapshotKind::Approved => AuditAction::DriftApproved,
            _ => AuditAction::Snapshot,
        };
        let mut event =
            AuditEvent::new(action, snapshot.run, &snapshot.actor).with("kind", word(&snapshot.kind));
        event.environment.clone_from(&snapshot.environment);
        event.checksum = Some(snapshot.checksum.clone());
        event.reason.clone_from(&snapshot.reason);
        event.tool_version.clone_from(&snapshot.tool_version);
        if let Some(version) = &snapshot.version {
            event = event.with("version", version);
        }
        let newest = format!(
            "(SELECT max(snapshot_id) FROM {})",
            self.table("schema_snapshots")
        );
        let line = Line {
            filled: vec![("details.snapshot".to_owned(), newest)],
            ..line(&event, When::Now)
        };
        self.with_login(vec![line], &snapshot.actor.user)
    }

    /// The first event of a chain: what is in the history before it, it says nothing of.
    pub(super) fn told_chain(&self, identity: &Identity, found: Option<u32>) -> Line {
        let actor = crate::driver::Actor::default();
        let mut event = AuditEvent::new(AuditAction::ChainStarted, uuid::Uuid::nil(), &actor)
            .with("database", &identity.database);
        if let Some(found) = found {
            event = event.with("layoutBefore", found);
        }
        event.environment.clone_from(&identity.environment);
        event.tool_version.clone_from(&identity.tool_version);
        let newest = format!(
            "(SELECT coalesce(max(execution_id), 0) FROM {})",
            self.table("migration_execution_history")
        );
        Line {
            filled: vec![("details.executionsBefore".to_owned(), newest)],
            only: Some(Only::Empty),
            ..line(&event, When::Now)
        }
    }

    /// A database without logins calls the person so, as the history does.
    fn with_login(&self, mut lines: Vec<Line>, user: &str) -> Vec<Line> {
        if self.dialect.login.is_none() {
            for line in &mut lines {
                if let Some(serde_json::Value::Object(actor)) = line.fields.get_mut("actor") {
                    actor.insert("login".to_owned(), user.into());
                }
            }
        }
        lines
    }
}

fn line(event: &AuditEvent, when: When) -> Line {
    Line {
        fields: event.draft().0,
        when,
        filled: Vec::new(),
        only: None,
    }
}

/// What all events of a run have.
fn of_run(action: AuditAction, execution: &NewExecution) -> AuditEvent {
    let mut event = AuditEvent::new(action, execution.run, &execution.actor);
    event.environment.clone_from(&execution.environment);
    event.reason.clone_from(&execution.reason);
    event.tool_version.clone_from(&execution.tool_version);
    event.plan_digest = execution.in_run.as_ref().map(|run| run.plan.clone());
    event
}

fn of_migration(action: AuditAction, execution: &NewExecution) -> AuditEvent {
    let mut event = of_run(action, execution)
        .with("description", &execution.description)
        .with("doing", word(&execution.action))
        .with("statements", execution.statements);
    event.migration = Some(execution.migration.clone());
    event.script = Some(execution.script.clone());
    event.checksum = Some(execution.checksum.clone());
    if let Some(texts) = &execution.registration {
        event = event.with("undoChecksum", undo_checksum(texts));
    }
    event
}

/// What [`Registration::down_script`] is known by later; a word where the registry keeps none.
fn undo_checksum(texts: &Registration) -> String {
    let kept = texts.down_script.as_deref();
    kept.map_or_else(
        || NO_UNDO.to_owned(),
        |text| Checksum::of(&text.replace('\0', "\u{fffd}")).to_string(),
    )
}

fn run_started(execution: &NewExecution, rank: &str) -> Vec<Line> {
    let Some(run) = execution.in_run.as_ref().filter(|run| run.number == 1) else {
        return Vec::new();
    };
    let begun = of_run(AuditAction::RunStarted, execution)
        .with("doing", word(&execution.action))
        .with("steps", run.of);
    let overridden = run
        .overrides
        .iter()
        .map(|setting| of_run(AuditAction::ConfigurationOverridden, execution).with("setting", setting));
    std::iter::once(begun)
        .chain(overridden)
        .map(|event| line(&event, When::Started(rank.to_owned())))
        .collect()
}

fn started(execution: &NewExecution, rank: &str) -> Line {
    line(
        &of_migration(AuditAction::Started, execution),
        When::Started(rank.to_owned()),
    )
}

fn ended(execution: &NewExecution, end: &End, rank: &str) -> Line {
    let action = match (end.status, execution.action) {
        (EntryStatus::Failed, _) => AuditAction::Failed,
        (_, Action::Migrate) => AuditAction::Completed,
        (_, Action::Rollback) => AuditAction::RolledBack,
        (_, Action::Baseline) => AuditAction::Baseline,
        (_, Action::Fix) => AuditAction::Fixed,
    };
    let mut event = of_migration(action, execution).with("statementsDone", end.statements_done);
    if let Some(state) = end.state {
        event = event.with("state", word(&state));
    }
    // Not the error's words, which may hold values, nor their digest, by which values can be guessed.
    event.outcome = Some(outcome(end).to_owned());
    event.error_class.clone_from(&end.error_class);
    line(&event, When::Finished(rank.to_owned()))
}

fn run_ended(execution: &NewExecution, end: &End, rank: &str) -> Option<Line> {
    let run = execution.in_run.as_ref()?;
    let failed = end.status == EntryStatus::Failed;
    if !failed && run.number < run.of {
        return None;
    }
    let (action, done) = match end.status {
        EntryStatus::Failed => (AuditAction::RunFailed, run.number.saturating_sub(1)),
        _ => (AuditAction::RunCompleted, run.of),
    };
    let mut event = of_run(action, execution)
        .with("steps", run.of)
        .with("completed", done);
    event.outcome = Some(outcome(end).to_owned());
    event.error_class.clone_from(&end.error_class);
    Some(line(&event, When::Ended(rank.to_owned())))
}

fn outcome(end: &End) -> &'static str {
    match (end.status, end.state) {
        (EntryStatus::Failed, Some(AppliedState::Partial)) => "partial",
        (EntryStatus::Failed, _) => "failure",
        _ => "success",
    }
}
