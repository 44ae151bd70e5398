//! The scripts that the registry keeps: they must be those whose checksums the events hold.

use std::collections::BTreeMap;

use super::log::from_target;
use super::verify::about_the_record;
use crate::audit::{AuditEvent, Finding, FindingKind};
use crate::diagnostic::Diagnostic;
use crate::driver::{LAYOUT, Registered, Session};
use crate::error::DriverError;
use crate::migration::{Checksum, ChecksumMatch};
use crate::record::NO_UNDO;

/// The detail that holds the checksum of the kept undo script.
pub(super) const UNDO: &str = "undoChecksum";

/// Compares the kept scripts with the newest event of each that ran.
pub(super) fn compare(events: &BTreeMap<&str, &AuditEvent>, rows: &[Registered]) -> Vec<Finding> {
    let mut found = Vec::new();
    for row in rows {
        let Some(event) = events.get(row.migration.as_str()) else {
            continue;
        };
        let mut lines = Vec::new();
        let told = event.checksum.as_deref().unwrap_or_default();
        if let Some(text) = &row.texts.up_script
            && !is(text, told)
        {
            lines.push(format!(
                "up_script: {} in the record, {told} in the event",
                Checksum::of(text)
            ));
        }
        if let Some(told) = event.details.get(UNDO)
            && !undo_is(row.texts.down_script.as_deref(), told)
        {
            let kept = row.texts.down_script.as_deref().map(Checksum::of);
            let kept = kept.map_or_else(|| NO_UNDO.to_owned(), |checksum| checksum.to_string());
            lines.push(format!("down_script: {kept} in the record, {told} in the event"));
        }
        if !lines.is_empty() {
            let message = format!(
                "the registry keeps another script of {} than event {} tells of",
                row.migration, event.sequence
            );
            found.push(Finding {
                sequence: Some(event.sequence),
                differences: lines,
                ..about_the_record(FindingKind::Record, message)
            });
        }
    }
    found
}

/// What an algorithm of another dbvc made cannot be compared.
fn is(text: &str, told: &str) -> bool {
    told.parse()
        .is_ok_and(|told: Checksum| told.compare(&Checksum::of(text)) != ChecksumMatch::Different)
}

fn undo_is(text: Option<&str>, told: &str) -> bool {
    match text {
        None => told == NO_UNDO,
        Some(text) => told != NO_UNDO && is(text, told),
    }
}

/// Refuses to run undo scripts that the registry keeps, by migration, and that are not those which were kept when the
/// migrations ran. The chain is read once for all of them.
/// A record that is older than the checksums in its events has nothing to compare with.
pub(in crate::project) async fn check_undo(
    session: &mut dyn Session,
    layout: Option<u32>,
    kept: &BTreeMap<String, &str>,
) -> Result<Vec<Diagnostic>, DriverError> {
    if layout != Some(LAYOUT) || kept.is_empty() {
        return Ok(Vec::new());
    }
    let mut newest: BTreeMap<String, (u64, String)> = BTreeMap::new();
    let mut after = 0;
    loop {
        let batch = from_target(session, after).await?;
        let Some((last, _)) = batch.last() else { break };
        after = *last;
        for (place, sealed) in &batch {
            let event: Option<AuditEvent> = serde_json::from_str(&sealed.text).ok();
            if let Some(event) = event
                && let Some(migration) = event.migration.filter(|migration| kept.contains_key(migration))
                && let Some(told) = event.details.get(UNDO)
            {
                newest.insert(migration, (*place, told.clone()));
            }
        }
    }
    let edited = kept.iter().filter_map(|(migration, text)| {
        let (place, told) = newest.get(migration)?;
        (!undo_is(Some(text), told)).then(|| edited(migration, text, *place, told))
    });
    Ok(edited.collect())
}

fn edited(migration: &str, text: &str, place: u64, told: &str) -> Diagnostic {
    Diagnostic::error(
        "DBVC3027",
        format!("the undo script of {migration} that the database keeps is not the one that was kept when it ran"),
    )
    .note(format!(
        "it is {}, and event {place} of the audit trail tells of {told}",
        Checksum::of(text)
    ))
    .help("somebody edited the registry: `dbvc audit verify` says more; put the undo script into the project and run the rollback again")
}
