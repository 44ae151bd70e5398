//! Planning, as a specification.

mod forward;
mod rollback;

use super::*;
use crate::diagnostic::Diagnostic;
use crate::driver::{Action, Applied, AppliedState};
use crate::migration::{
    Checksum, Directives, DirectoryLayout, Kind, Migration, MigrationKey, MigrationSet, Script,
};
use crate::text::{LineColumn, Origin, Section};

const NAMES: (&str, &str) = ("shop", "development");

fn script(name: &str, text: &str) -> Script {
    Script {
        path: name.into(),
        shown: name.into(),
        section: Section {
            start: Origin::START,
            end: None,
        },
        checksum: Checksum::of(text),
        bytes: text.len() as u64,
        empty: false,
        directives: Directives::default(),
    }
}

fn key(text: &str) -> MigrationKey {
    text.parse().expect("a key")
}

fn migration(version: &str, text: &str) -> Migration {
    Migration {
        key: key(version),
        kind: if version.starts_with("R__") {
            Kind::Repeatable
        } else {
            Kind::Versioned
        },
        description: format!("step {version}"),
        up: script(&format!("V{version}__step.sql"), text),
        undo: Some(script(&format!("V{version}__step_rollback.sql"), "undo")),
    }
}

fn set(migrations: Vec<Migration>) -> MigrationSet {
    MigrationSet::new(DirectoryLayout::default(), None, migrations).expect("a set")
}

fn applied(version: &str, text: &str, rank: u64) -> Applied {
    Applied {
        migration: version.into(),
        version: Some(version.into()),
        description: format!("step {version}"),
        kind: if version.starts_with("R__") {
            "repeatable"
        } else {
            "versioned"
        }
        .into(),
        script: format!("V{version}__step.sql"),
        checksum: Checksum::of(text).to_string(),
        state: AppliedState::Applied,
        action: Action::Migrate,
        rank,
        at: jiff::Timestamp::UNIX_EPOCH,
        by: "ann".into(),
        duration: std::time::Duration::ZERO,
        statements_done: 0,
        progress: None,
        in_flight: None,
        session: None,
    }
}

fn known(applied: Vec<Applied>) -> Known {
    Known::new(applied)
}

#[allow(
    clippy::unnecessary_wraps,
    reason = "it stands in for reading a file, which can fail"
)]
fn one_statement(_: &Script) -> Result<ScriptFacts, Box<Diagnostic>> {
    Ok(ScriptFacts {
        statements: 1,
        ..ScriptFacts::default()
    })
}

fn forward(set: &MigrationSet, known: &Known, options: &MigrateOptions) -> Plan {
    let standings = standings(set, known, NAMES.1);
    migrate(NAMES, known, &standings, options, &mut one_statement)
}

fn back(set: &MigrationSet, known: &Known, selection: Selection) -> Plan {
    let standings = standings(set, known, NAMES.1);
    let facts = &mut |_: &StepScript| {
        Ok(ScriptFacts {
            statements: 1,
            ..ScriptFacts::default()
        })
    };
    rollback(
        NAMES,
        known,
        &standings,
        &RollbackOptions { selection },
        &mut |_| None,
        facts,
    )
}

fn steps(plan: &Plan) -> Vec<String> {
    plan.steps.iter().map(|step| step.migration.to_string()).collect()
}

fn codes(plan: &Plan) -> Vec<&str> {
    plan.findings
        .iter()
        .map(|finding| finding.code.as_str())
        .collect()
}
