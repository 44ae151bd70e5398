//! What the state and the registry repeat of a migration: it must be what its event says, or what follows from its key.

use super::rows::{detail, differ, word};
use crate::audit::AuditEvent;
use crate::driver::{Applied, Registered};

/// Repeatable migrations have keys that begin so, and no version; the key of every other one is its version.
const REPEATABLE: &str = "R__";

/// What the state says else than the event that wrote it.
pub(super) fn of_state(row: &Applied, event: &AuditEvent) -> Vec<String> {
    let mut lines = Vec::new();
    differ(&mut lines, "action", &word(&row.action), &detail(event, "doing"));
    named(&mut lines, (&row.script, &row.description), event);
    by_key(
        &mut lines,
        &row.migration,
        (row.version.as_deref(), &row.kind),
        event,
    );
    lines
}

/// What the registry says else than the newest event that wrote it.
pub(super) fn of_registry(row: &Registered, event: &AuditEvent) -> Vec<String> {
    let mut lines = Vec::new();
    let checksum = event.checksum.as_deref().unwrap_or_default();
    differ(&mut lines, "checksum", &row.checksum, checksum);
    named(&mut lines, (&row.script, &row.description), event);
    by_key(
        &mut lines,
        &row.migration,
        (row.version.as_deref(), &row.kind),
        event,
    );
    lines
}

fn named(lines: &mut Vec<String>, (script, description): (&str, &str), event: &AuditEvent) {
    differ(
        lines,
        "script",
        script,
        event.script.as_deref().unwrap_or_default(),
    );
    differ(lines, "description", description, &detail(event, "description"));
}

fn by_key(lines: &mut Vec<String>, key: &str, (version, kind): (Option<&str>, &str), event: &AuditEvent) {
    let repeatable = key.starts_with(REPEATABLE);
    let wanted = if repeatable { "" } else { key };
    differ(lines, "version", version.unwrap_or_default(), wanted);
    // Whether a script that is run once is a baseline's, neither the key nor the event tells.
    let kinds: &[&str] = match (repeatable, detail(event, "doing").as_str()) {
        (true, _) => &["repeatable"],
        (false, "baseline") => &["baseline"],
        (false, _) => &["versioned", "baseline"],
    };
    if !kinds.contains(&kind) {
        lines.push(format!(
            "kind: `{kind}` in the record, `{}` by its key and event",
            kinds[0]
        ));
    }
}
