//! What the state and the registry repeat of a migration: it must be what its event says, or what follows from its key.

use super::rows::{detail, differ, word};
use crate::audit::AuditEvent;
use crate::driver::{Applied, Registered};

/// Repeatable migrations have keys that begin so, and no version; the key of every other one is its version.
const REPEATABLE: &str = "R__";

/// What the state and the registry both keep of a migration.
struct Row<'a> {
    migration: &'a str,
    version: Option<&'a str>,
    kind: &'a str,
    script: &'a str,
    description: &'a str,
}

/// What the state says else than the event that wrote it.
pub(super) fn of_state(row: &Applied, event: &AuditEvent) -> Vec<String> {
    let (action, doing) = (word(&row.action), detail(event, "doing"));
    let both = Row {
        migration: &row.migration,
        version: row.version.as_deref(),
        kind: &row.kind,
        script: &row.script,
        description: &row.description,
    };
    of_row("action", (&action, &doing), &both, event)
}

/// What the registry says else than the newest event that wrote it.
pub(super) fn of_registry(row: &Registered, event: &AuditEvent) -> Vec<String> {
    let checksum = event.checksum.as_deref().unwrap_or_default();
    let both = Row {
        migration: &row.migration,
        version: row.version.as_deref(),
        kind: &row.kind,
        script: &row.script,
        description: &row.description,
    };
    of_row("checksum", (&row.checksum, checksum), &both, event)
}

/// `own` is what only one of the two keeps: what it says, and what the event tells.
fn of_row(name: &str, own: (&str, &str), row: &Row<'_>, event: &AuditEvent) -> Vec<String> {
    let mut lines = Vec::new();
    differ(&mut lines, name, own.0, own.1);
    let script = event.script.as_deref().unwrap_or_default();
    differ(&mut lines, "script", row.script, script);
    differ(
        &mut lines,
        "description",
        row.description,
        &detail(event, "description"),
    );
    by_key(&mut lines, row.migration, (row.version, row.kind), event);
    lines
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
