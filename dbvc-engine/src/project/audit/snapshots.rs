//! Snapshots in the record: what is expected of the schema must be what the events tell of.

use std::collections::{BTreeMap, BTreeSet};

use super::rows::{detail, differ, word};
use super::verify::{about_the_record, lenient};
use crate::audit::{AuditAction, AuditEvent, Finding, FindingKind, Sealed};
use crate::driver::{Session, SnapshotChoice, SnapshotEntry, SnapshotKind};
use crate::error::DriverError;
use crate::project::expected::checksum;

/// What the events tell of one snapshot.
struct Told<'a> {
    event: &'a AuditEvent,
    /// The newest execution before it.
    rank: u64,
}

/// Where the chain begins.
#[derive(Default)]
struct Beginning {
    /// The record was there before.
    later: bool,
    /// Executions up to this one came before it.
    rank: u64,
    at: Option<jiff::Timestamp>,
}

/// Compares the snapshots with the events. Their content is [`contents`]' to check.
pub(super) fn compare(events: &[AuditEvent], rows: &[SnapshotEntry]) -> Vec<Finding> {
    let (told, beginning) = hear(events);
    let first = told.keys().next().copied();
    let mut found = Vec::new();
    for row in rows {
        let Some(told) = told.get(&row.id) else {
            let before = beginning.later
                && first.is_none_or(|first| row.id < first)
                && row.rank <= beginning.rank
                && beginning.at.is_none_or(|at| row.taken_at <= at);
            if !before {
                let message = format!("snapshot {} is not told by any event", row.id);
                found.push(about_the_record(FindingKind::Record, message));
            }
            continue;
        };
        let lines = lines(row, told);
        if !lines.is_empty() {
            let sequence = told.event.sequence;
            let message = format!("snapshot {} says something else than event {sequence}", row.id);
            found.push(finding(message, sequence, lines));
        }
    }
    let there: BTreeSet<u64> = rows.iter().map(|row| row.id).collect();
    let run = word(&SnapshotKind::Run);
    let newest = told
        .iter()
        .rev()
        .find(|(_, told)| detail(told.event, "kind") == run);
    let newest = newest.map(|(id, _)| *id);
    for (id, told) in &told {
        // Of those that a run takes, each takes the place of the one before.
        let replaced = detail(told.event, "kind") == run && newest != Some(*id);
        if !there.contains(id) && !replaced {
            let sequence = told.event.sequence;
            let message = format!("snapshot {id}, which event {sequence} tells of, is not there");
            found.push(finding(message, sequence, Vec::new()));
        }
    }
    found
}

/// The checksum of each snapshot that events tell of, by its number.
pub(super) fn told_checksums(events: &[(u64, Sealed)]) -> BTreeMap<u64, String> {
    let events = events.iter();
    let events: Vec<AuditEvent> = events
        .filter_map(|(_, sealed)| serde_json::from_str(&sealed.text).ok())
        .collect();
    let (told, _) = hear(&events);
    let checksum = |told: &Told<'_>| told.event.checksum.clone().unwrap_or_default();
    told.iter().map(|(id, told)| (*id, checksum(told))).collect()
}

/// Whether each content is what its checksum says. They are read one by one: together they may be large.
pub(super) async fn contents(
    session: &mut dyn Session,
    rows: &[SnapshotEntry],
) -> Result<Vec<Finding>, DriverError> {
    let mut found = Vec::new();
    for row in rows {
        let kept = lenient(session.snapshot(&SnapshotChoice::Number(row.id)).await)?.flatten();
        // One that a run took may have been replaced meanwhile.
        if let Some(kept) = kept.filter(|kept| checksum(&kept.content) != kept.entry.checksum) {
            let message = format!(
                "the content of snapshot {} does not fit its checksum: somebody edited it",
                kept.entry.id
            );
            found.push(about_the_record(FindingKind::Record, message));
        }
    }
    Ok(found)
}

fn hear(events: &[AuditEvent]) -> (BTreeMap<u64, Told<'_>>, Beginning) {
    let mut told = BTreeMap::new();
    let mut beginning = Beginning::default();
    let mut rank = 0;
    for event in events {
        let number = |name: &str| detail(event, name).parse::<u64>().ok();
        match event.action {
            AuditAction::ChainStarted => {
                rank = number("executionsBefore").unwrap_or_default();
                beginning = Beginning {
                    later: event.reason.is_some() || event.details.contains_key("layoutBefore"),
                    rank,
                    at: event.at.parse().ok(),
                };
            }
            AuditAction::Snapshot | AuditAction::DriftApproved => {
                if let Some(id) = number("snapshot") {
                    told.insert(id, Told { event, rank });
                }
            }
            _ => rank = rank.max(number("execution").unwrap_or_default()),
        }
    }
    (told, beginning)
}

fn lines(row: &SnapshotEntry, told: &Told<'_>) -> Vec<String> {
    let event = told.event;
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let mut lines = Vec::new();
    for (name, row, event) in [
        ("checksum", row.checksum.clone(), text(&event.checksum)),
        ("kind", word(&row.kind), detail(event, "kind")),
        ("version", text(&row.version), detail(event, "version")),
        ("newest execution", row.rank.to_string(), told.rank.to_string()),
        ("environment", row.environment.clone(), event.environment.clone()),
        ("reason", text(&row.reason), text(&event.reason)),
        ("login", row.login.clone(), event.actor.login.clone()),
        ("user", row.actor.user.clone(), event.actor.user.clone()),
        ("host", row.actor.host.clone(), event.actor.host.clone()),
        ("CI job", text(&row.actor.ci_job), text(&event.actor.ci_job)),
    ] {
        differ(&mut lines, name, &row, &event);
    }
    lines
}

fn finding(message: String, sequence: u64, differences: Vec<String>) -> Finding {
    Finding {
        sequence: Some(sequence),
        differences,
        ..about_the_record(FindingKind::Record, message)
    }
}
