//! The record beside the chain: what the history, the state and the registry say must be what the events say.

use std::collections::{BTreeMap, BTreeSet};

use super::columns;
use super::verify::TARGET;
use crate::audit::{AuditAction, AuditEvent, Finding, FindingKind, Sealed};
use crate::driver::{Action, Applied, AppliedState, EntryStatus, Execution, RecordView, Registered};

/// What the events tell of one execution.
#[derive(Default)]
struct Told<'a> {
    started: Option<&'a AuditEvent>,
    ended: Option<&'a AuditEvent>,
}

/// What the events tell of one migration.
struct State<'a> {
    event: &'a AuditEvent,
    is: String,
    /// The event of the execution that ran last: a fix runs nothing. None where that was before the chain.
    ran: Option<&'a AuditEvent>,
}

/// All that the events tell of the record.
struct Story<'a> {
    /// Executions up to this one came before the chain.
    before: u64,
    executions: BTreeMap<u64, Told<'a>>,
    states: BTreeMap<&'a str, State<'a>>,
    registered: BTreeMap<&'a str, &'a AuditEvent>,
    /// The events of the scripts that the registry keeps.
    kept: BTreeMap<&'a str, &'a AuditEvent>,
    last_rollback: u64,
}

/// Compares, and tells each row that says something else. Of a table that is not there nothing is said here.
pub(super) fn compare(view: &RecordView, events: &[(u64, Sealed)]) -> Vec<Finding> {
    // What is no event is the chain's check to tell.
    let events = events.iter();
    let events = events.filter_map(|(_, sealed)| serde_json::from_str(&sealed.text).ok());
    let events: Vec<AuditEvent> = events.collect();
    if events.is_empty() {
        return Vec::new();
    }
    let story = Story::of(&events);
    let there = |table: &str| !view.lost.iter().any(|lost| lost == table);
    let mut found = Vec::new();
    if there("migration_execution_history") {
        found.extend(story.history(&view.executions));
    }
    if there("migration_applied_status") {
        found.extend(story.state(&view.applied));
    }
    if there("migration_registry") {
        found.extend(story.registry(&view.registry));
        found.extend(super::texts::compare(&story.kept, &view.registry));
    }
    if there("schema_snapshots") {
        found.extend(super::snapshots::compare(&events, &view.snapshots));
    }
    found
}

impl<'a> Story<'a> {
    fn of(events: &'a [AuditEvent]) -> Self {
        let mut story = Self {
            before: 0,
            executions: BTreeMap::new(),
            states: BTreeMap::new(),
            registered: BTreeMap::new(),
            kept: BTreeMap::new(),
            last_rollback: 0,
        };
        for event in events {
            story.hear(event);
        }
        story
    }

    fn hear(&mut self, event: &'a AuditEvent) {
        let number = |name: &str| event.details.get(name).and_then(|text| text.parse::<u64>().ok());
        if event.action == AuditAction::ChainStarted {
            self.before = number("executionsBefore").unwrap_or_default();
        }
        let (Some(rank), Some(migration)) = (number("execution"), event.migration.as_deref()) else {
            return;
        };
        let told = self.executions.entry(rank).or_default();
        if event.action == AuditAction::Started {
            told.started = Some(event);
        } else {
            told.ended = Some(event);
        }
        if event.details.get("doing").is_none_or(|doing| doing != "rollback") {
            self.registered.insert(migration, event);
        }
        if event.details.get("doing").is_some_and(|doing| doing == "migrate") {
            // The end of a script outside a transaction does not repeat what its beginning tells of the scripts.
            let execution = |event: &AuditEvent| event.details.get("execution").cloned();
            let begun = self.kept.get(migration).map(|begun| execution(begun));
            if event.details.contains_key(super::texts::UNDO) || begun != Some(execution(event)) {
                self.kept.insert(migration, event);
            }
        }
        if let Some(state) = event.details.get("state") {
            if state == "rolled-back" {
                self.last_rollback = event.sequence;
            }
            let state = state.clone();
            let before = || self.states.get(migration).and_then(|before| before.ran);
            let ran = match event.action {
                AuditAction::Fixed => before(),
                _ => Some(event),
            };
            self.states.insert(
                migration,
                State {
                    event,
                    is: state,
                    ran,
                },
            );
        }
    }

    fn history(&self, entries: &[Execution]) -> Vec<Finding> {
        let mut found = Vec::new();
        for entry in entries.iter().filter(|entry| entry.rank > self.before) {
            let what = format!("the history's entry {} ({})", entry.rank, entry.migration);
            let told = self.executions.get(&entry.rank);
            let (started, ended) = told.map_or((None, None), |told| (told.started, told.ended));
            let (Some(first), Some(last)) = (started.or(ended), ended.or(started)) else {
                found.push(finding(
                    format!("{what} is not told by any event"),
                    None,
                    Vec::new(),
                ));
                continue;
            };
            let mut lines = identity(entry, first);
            if ended.is_none() != (entry.status == EntryStatus::Started) {
                let heard = if ended.is_none() { "begun" } else { "ended" };
                lines.push(format!(
                    "status: `{}` in the history, and the events tell it as {heard}",
                    word(&entry.status)
                ));
            } else if let Some(ended) = ended {
                lines.extend(ending(entry, ended));
            }
            if !lines.is_empty() {
                let message = format!("{what} says something else than event {}", last.sequence);
                found.push(finding(message, Some(last.sequence), lines));
            }
        }
        let there: BTreeSet<u64> = entries.iter().map(|entry| entry.rank).collect();
        for (rank, told) in &self.executions {
            if !there.contains(rank)
                && let Some(event) = told.ended.or(told.started)
            {
                let message = format!(
                    "the history's entry {rank}, which event {} tells of, is not there",
                    event.sequence
                );
                found.push(finding(message, Some(event.sequence), Vec::new()));
            }
        }
        found
    }

    fn state(&self, rows: &[Applied]) -> Vec<Finding> {
        let mut found = Vec::new();
        for row in rows {
            let what = format!("the state of {}", row.migration);
            if let Some(begun) = self.under_way(row) {
                let mut lines = columns::of_state(row, begun);
                differ(
                    &mut lines,
                    "state",
                    &word(&row.state),
                    &word(&AppliedState::Partial),
                );
                differ(&mut lines, "applied by", &row.by, &begun.actor.login);
                if !lines.is_empty() {
                    found.push(finding(
                        format!("{what} says something else than event {}", begun.sequence),
                        Some(begun.sequence),
                        lines,
                    ));
                }
                continue;
            }
            let Some(state) = self.states.get(row.migration.as_str()) else {
                if row.rank > self.before {
                    found.push(finding(
                        format!("{what} is not told by any event"),
                        None,
                        Vec::new(),
                    ));
                }
                continue;
            };
            let lines = self.state_lines(row, state);
            if !lines.is_empty() {
                let sequence = state.event.sequence;
                let message = format!("{what} says something else than event {sequence}");
                found.push(finding(message, Some(sequence), lines));
            }
        }
        let there: BTreeSet<&str> = rows.iter().map(|row| row.migration.as_str()).collect();
        for (migration, state) in &self.states {
            if !there.contains(migration) {
                let sequence = state.event.sequence;
                let message =
                    format!("the state of {migration}, which event {sequence} tells of, is not there");
                found.push(finding(message, Some(sequence), Vec::new()));
            }
        }
        found
    }

    /// The event that says that a script outside a transaction began, where none says that it ended.
    fn under_way(&self, row: &Applied) -> Option<&'a AuditEvent> {
        let told = self.executions.get(&row.rank)?;
        told.started.filter(|_| told.ended.is_none())
    }

    fn state_lines(&self, row: &Applied, state: &State<'_>) -> Vec<String> {
        let made_stale = row.kind == "repeatable"
            && state.is == word(&AppliedState::Applied)
            && self.last_rollback > state.event.sequence;
        let wanted = if made_stale {
            word(&AppliedState::Stale)
        } else {
            state.is.clone()
        };
        let mut lines = columns::of_state(row, state.event);
        differ(&mut lines, "state", &word(&row.state), &wanted);
        let checksum = state.event.checksum.as_deref().unwrap_or_default();
        differ(&mut lines, "checksum", &row.checksum, checksum);
        if let Some(ran) = state.ran {
            let execution = detail(ran, "execution");
            differ(&mut lines, "execution", &row.rank.to_string(), &execution);
            let done = detail(ran, "statementsDone");
            differ(
                &mut lines,
                "statements done",
                &row.statements_done.to_string(),
                &done,
            );
            let told = execution
                .parse()
                .ok()
                .and_then(|rank: u64| self.executions.get(&rank));
            let first = told.and_then(|told| told.started).unwrap_or(ran);
            differ(&mut lines, "applied by", &row.by, &first.actor.login);
        }
        lines
    }

    fn registry(&self, rows: &[Registered]) -> Vec<Finding> {
        let mut found = Vec::new();
        for row in rows {
            let Some(event) = self.registered.get(row.migration.as_str()) else {
                continue;
            };
            let lines = columns::of_registry(row, event);
            if !lines.is_empty() {
                let sequence = event.sequence;
                let message = format!(
                    "the registry's entry of {} says something else than event {sequence}",
                    row.migration
                );
                found.push(finding(message, Some(sequence), lines));
            }
        }
        let there: BTreeSet<&str> = rows.iter().map(|row| row.migration.as_str()).collect();
        for (migration, event) in &self.registered {
            if !there.contains(migration) {
                let message = format!("the registry's entry of {migration} is not there");
                found.push(finding(message, Some(event.sequence), Vec::new()));
            }
        }
        found
    }
}

/// What was known when it began.
fn identity(entry: &Execution, event: &AuditEvent) -> Vec<String> {
    let mut lines = Vec::new();
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    for (name, row, event) in [
        ("run", entry.run.to_string(), event.run.clone()),
        ("migration", entry.migration.clone(), text(&event.migration)),
        (
            "description",
            entry.description.clone(),
            detail(event, "description"),
        ),
        ("script", entry.script.clone(), text(&event.script)),
        ("checksum", entry.checksum.clone(), text(&event.checksum)),
        ("action", word(&entry.action), detail(event, "doing")),
        (
            "environment",
            entry.environment.clone(),
            event.environment.clone(),
        ),
        ("reason", text(&entry.reason), text(&event.reason)),
        (
            "tool version",
            entry.tool_version.clone(),
            event.tool_version.clone(),
        ),
        ("login", entry.login.clone(), event.actor.login.clone()),
        ("user", entry.actor.user.clone(), event.actor.user.clone()),
        ("host", entry.actor.host.clone(), event.actor.host.clone()),
        ("CI job", text(&entry.actor.ci_job), text(&event.actor.ci_job)),
        (
            "statements",
            entry.statements.to_string(),
            detail(event, "statements"),
        ),
    ] {
        differ(&mut lines, name, &row, &event);
    }
    if event.action == AuditAction::Started {
        differ(&mut lines, "start", &time(entry.started_at), &event.at);
    }
    lines
}

/// What was known when it ended.
fn ending(entry: &Execution, event: &AuditEvent) -> Vec<String> {
    let mut lines = Vec::new();
    let wanted = match (entry.status, entry.action) {
        (EntryStatus::Failed, _) => AuditAction::Failed,
        (_, Action::Migrate) => AuditAction::Completed,
        (_, Action::Rollback) => AuditAction::RolledBack,
        (_, Action::Baseline) => AuditAction::Baseline,
        (_, Action::Fix) => AuditAction::Fixed,
    };
    let millis = entry.duration.map_or(0, |duration| duration.as_millis());
    for (name, row, event) in [
        ("status", word(&wanted), word(&event.action)),
        (
            "start",
            time(entry.started_at),
            event.started_at.clone().unwrap_or_default(),
        ),
        (
            "end",
            entry.finished_at.map(time).unwrap_or_default(),
            event.at.clone(),
        ),
        (
            "duration",
            millis.to_string(),
            event.duration_ms.unwrap_or_default().to_string(),
        ),
        (
            "statements done",
            entry.statements_done.to_string(),
            detail(event, "statementsDone"),
        ),
    ] {
        differ(&mut lines, name, &row, &event);
    }
    lines
}

fn time(at: jiff::Timestamp) -> String {
    at.strftime("%Y-%m-%dT%H:%M:%S.%3fZ").to_string()
}

pub(super) fn detail(event: &AuditEvent, name: &str) -> String {
    event.details.get(name).cloned().unwrap_or_default()
}

pub(super) fn differ(lines: &mut Vec<String>, name: &str, row: &str, event: &str) {
    if row != event {
        lines.push(format!("{name}: `{row}` in the record, `{event}` in the event"));
    }
}

pub(super) fn word<T: serde::Serialize>(value: &T) -> String {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => word,
        _ => String::new(),
    }
}

fn finding(message: String, sequence: Option<u64>, differences: Vec<String>) -> Finding {
    Finding {
        place: TARGET.to_owned(),
        sequence,
        kind: FindingKind::Record,
        message,
        differences,
    }
}
