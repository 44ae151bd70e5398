//! From scripts to migrations: versions, undo scripts, order.

use std::collections::HashMap;

use super::DirectoryLayout;
use super::found::{Everything, Found};
use super::scheme::{self, Written};
use crate::migration::formats::{FileName, Role};
use crate::migration::key::MigrationKey;
use crate::migration::problem::{Problem, codes};
use crate::migration::script::Script;
use crate::migration::set::{Kind, Migration, MigrationSet};
use crate::migration::version::{Version, VersionScheme};

/// Puts everything together; `None` where two migrations are one.
pub(super) fn assemble(
    layout: &DirectoryLayout,
    everything: Everything,
    problems: &mut Vec<Problem>,
) -> Option<MigrationSet> {
    let written: Vec<Written<'_>> = everything
        .scripts
        .iter()
        .filter_map(|found| {
            let text = found.name.version.as_deref()?;
            let shown = &found.script.shown;
            Some(Written { text, shown })
        })
        .collect();
    let scheme = scheme::settle(&written, layout.scheme, problems);
    let newest = written
        .iter()
        .filter_map(|written| parse(written.text, scheme))
        .max();
    propose_versions(everything.without_version, newest, scheme, problems);

    let mut migrations = Vec::new();
    let mut undo: HashMap<Version, Script> = HashMap::new();
    for found in everything.scripts {
        match found.name.role {
            Role::Up(kind) => migrations.extend(migration(kind, found, scheme)),
            Role::Undo => {
                let version = found.name.version.as_deref();
                if let Some(version) = version.and_then(|text| parse(text, scheme)) {
                    add_undo(&mut undo, version, found.script, problems);
                }
            }
        }
    }
    attach(&mut migrations, undo, problems);
    MigrationSet::new(layout.clone(), scheme, migrations)
        .map_err(|duplicates| problems.extend(duplicates))
        .ok()
}

fn parse(text: &str, scheme: Option<VersionScheme>) -> Option<Version> {
    match scheme {
        Some(scheme) => Version::parse(text, scheme).ok(),
        None => Version::detect(text).ok(),
    }
    // A version in a directory of another scheme is still a number: `1` among `1.1`.
    .or_else(|| Version::detect(text).ok())
}

fn migration(kind: Kind, found: Found, scheme: Option<VersionScheme>) -> Option<Migration> {
    let Found { name, script, down } = found;
    let key = match &name.version {
        Some(text) => MigrationKey::Versioned(parse(text, scheme)?),
        None => MigrationKey::Repeatable(name.description.clone()),
    };
    Some(Migration {
        key,
        kind,
        description: words(&name),
        up: script,
        undo: down,
    })
}

fn words(name: &FileName) -> String {
    name.description.replace('_', " ").trim().to_owned()
}

fn add_undo(
    undo: &mut HashMap<Version, Script>,
    version: Version,
    script: Script,
    problems: &mut Vec<Problem>,
) {
    if let Some(first) = undo.get(&version) {
        problems.push(two_undos(&version, first, &script));
    } else {
        undo.insert(version, script);
    }
}

fn two_undos(version: &Version, first: &Script, second: &Script) -> Problem {
    let message = format!(
        "the undo script of version {version} exists twice: {} and {}",
        first.shown.display(),
        second.shown.display()
    );
    Problem::new(codes::DUPLICATE, &second.shown, message).help("keep one of them")
}

fn attach(migrations: &mut [Migration], mut undo: HashMap<Version, Script>, problems: &mut Vec<Problem>) {
    for migration in migrations.iter_mut().filter(|m| m.kind == Kind::Versioned) {
        let Some(version) = migration.key.version() else {
            continue;
        };
        let Some(script) = undo.remove(version) else {
            continue;
        };
        match &migration.undo {
            Some(first) => problems.push(two_undos(version, first, &script)),
            None => migration.undo = Some(script),
        }
    }
    for (version, script) in undo {
        let message = format!("undoes version {version}, of which there is no migration");
        let problem = Problem::new(codes::UNDO_WITHOUT_MIGRATION, &script.shown, message);
        problems.push(problem.help(
            "add the migration or remove the undo script; a name that ends in `_rollback` is always an undo script's",
        ));
    }
}

/// Corrected names for files without a version, each with a version of its own.
fn propose_versions(
    files: Vec<(Problem, String)>,
    mut newest: Option<Version>,
    scheme: Option<VersionScheme>,
    problems: &mut Vec<Problem>,
) {
    for (problem, description) in files {
        let scheme = scheme.unwrap_or(VersionScheme::Semantic);
        // Without a clock, the next timestamp is a second after the newest.
        let no_clock = jiff::Timestamp::UNIX_EPOCH;
        let next = match &newest {
            Some(newest) => newest.next(no_clock),
            None if scheme == VersionScheme::Timestamp => {
                let help =
                    format!("rename it to VYYYYMMDD_HHMMSS__{description}.sql, with its date and time");
                problems.push(problem.help(help));
                continue;
            }
            None => Version::first(scheme, no_clock),
        };
        problems.push(problem.help(format!("rename it to V{next}__{description}.sql")));
        newest = Some(next);
    }
}
