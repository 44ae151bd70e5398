//! Planning `rollback`.

use super::migrate_findings::{about_the_script, is_irreversible};
use super::{Known, Plan, Resume, ScriptFacts, Standing, State, Step, StepScript};
use crate::diagnostic::{Diagnostic, Label};
use crate::driver::Action;
use crate::migration::{Checksum, Kind, MigrationKey, Version};

/// Which migrations to undo.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// The last so many, newest execution first.
    Count(u32),
    /// All after this version; the version itself stays.
    To(Version),
    /// This one alone.
    One(MigrationKey),
}

/// What was asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RollbackOptions {
    /// Which migrations.
    pub selection: Selection,
}

/// A text that could serve to undo a migration whose undo file is gone.
pub type StoredUndo<'a> = dyn FnMut(&MigrationKey) -> Option<String> + 'a;

/// Plans what takes migrations out of a database. `stored` gives the undo text that the database's registry keeps,
/// for files that are gone.
pub fn rollback(
    names: (&str, &str),
    known: &Known,
    standings: &[Standing],
    options: &RollbackOptions,
    stored: &mut StoredUndo<'_>,
    facts: &mut dyn FnMut(&StepScript) -> Result<ScriptFacts, Box<Diagnostic>>,
) -> Plan {
    let mut findings = Vec::new();
    let chosen = match choose(known, standings, &options.selection) {
        Ok(chosen) => chosen,
        Err(problem) => {
            findings.push(*problem);
            Vec::new()
        }
    };
    findings.extend(left_behind(standings, &chosen));
    let mut steps = Vec::new();
    for standing in &chosen {
        match undo_step(standing, stored, facts) {
            Ok((step, more)) => {
                findings.extend(more);
                steps.push(step);
            }
            Err(problem) => findings.push(*problem),
        }
    }
    Plan {
        database: names.0.to_owned(),
        environment: names.1.to_owned(),
        history: known.digest.clone(),
        current: known.current().map(|(version, _)| version.to_string()),
        steps,
        findings,
    }
}

fn can_be_undone(standing: &Standing) -> bool {
    standing.key.version().is_some()
        && matches!(
            standing.state,
            State::Applied | State::Changed | State::Missing | State::PartlyUndone | State::Partial
        )
}

fn rank(standing: &Standing) -> u64 {
    standing.applied.as_ref().map_or(0, |applied| applied.rank)
}

fn choose<'a>(
    known: &Known,
    standings: &'a [Standing],
    selection: &Selection,
) -> Result<Vec<&'a Standing>, Box<Diagnostic>> {
    let mut undoable: Vec<&Standing> = standings
        .iter()
        .filter(|standing| can_be_undone(standing))
        .collect();
    match selection {
        Selection::Count(count) => {
            undoable.sort_by_key(|standing| std::cmp::Reverse(rank(standing)));
            undoable.truncate(*count as usize);
            Ok(undoable)
        }
        Selection::To(target) => {
            let present = known.present().any(|(version, _)| version == target);
            let nothing = matches!(target.to_string().as_str(), "0" | "0.0.0");
            if !present && !nothing {
                return Err(Diagnostic::error(
                    "DBVC3020",
                    format!("{target} is not in the database, so there is no going back to it"),
                )
                .help("`dbvc status` lists the versions that are; `--to 0` undoes all")
                .into());
            }
            undoable.retain(|standing| standing.key.version().is_some_and(|version| version > target));
            undoable.sort_by_key(|standing| std::cmp::Reverse(rank(standing)));
            Ok(undoable)
        }
        Selection::One(key) => one(known, undoable, key),
    }
}

fn one<'a>(
    known: &Known,
    undoable: Vec<&'a Standing>,
    key: &MigrationKey,
) -> Result<Vec<&'a Standing>, Box<Diagnostic>> {
    if let Some(found) = undoable.into_iter().find(|standing| &standing.key == key) {
        return Ok(vec![found]);
    }
    let why = match known.applied.get(key) {
        Some(applied) if applied.state.is_present() && key.version().is_none() => {
            "is repeatable: change its file instead"
        }
        Some(applied) if applied.state.is_present() => {
            "was declared present by a baseline, so there is nothing to undo"
        }
        Some(_) => "is not in the database now",
        None => "was never applied to this database",
    };
    Err(Diagnostic::error("DBVC3021", format!("{key} {why}"))
        .help("`dbvc status` lists what is there")
        .into())
}

/// Migrations that stay although they require one that goes.
fn left_behind(standings: &[Standing], chosen: &[&Standing]) -> Vec<Diagnostic> {
    let goes = |key: &MigrationKey| chosen.iter().any(|standing| &standing.key == key);
    let mut findings = Vec::new();
    for standing in standings.iter().filter(|s| can_be_undone(s) && !goes(&s.key)) {
        let Some(migration) = &standing.migration else {
            continue;
        };
        for required in migration.up.directives.requires.iter().filter(|key| goes(key)) {
            findings.push(
                Diagnostic::error(
                    "DBVC3022",
                    format!(
                        "{} requires {required}, which would be undone",
                        migration.up.name()
                    ),
                )
                .help(format!("undo {} first", standing.key)),
            );
        }
    }
    findings
}

type UndoStep = (Step, Vec<Diagnostic>);

fn undo_step(
    standing: &Standing,
    stored: &mut StoredUndo<'_>,
    facts: &mut dyn FnMut(&StepScript) -> Result<ScriptFacts, Box<Diagnostic>>,
) -> Result<UndoStep, Box<Diagnostic>> {
    if standing.state == State::Partial {
        return Err(Box::new(half_applied(&standing.key)));
    }
    let script = undo_script(standing, stored)?;
    let held = facts(&script)?;
    let (asked, findings) = match &script {
        StepScript::File(file) => (file.directives.no_transaction, about_the_script(file, &held)),
        StepScript::Stored { name, .. } => (false, vec![from_the_registry(name)]),
    };
    let resume = resume(standing);
    let step = Step {
        migration: standing.key.clone(),
        description: description(standing),
        kind: standing
            .migration
            .as_ref()
            .map_or(Kind::Versioned, |migration| migration.kind),
        checksum: recorded_checksum(standing),
        action: Action::Rollback,
        transactional: !asked && held.fits_transaction() && resume.is_none(),
        reason: held.reason().filter(|_| !asked),
        statements: held.statements,
        script,
        undo: None,
        resume,
        again: None,
    };
    Ok((step, findings))
}

fn half_applied(key: &MigrationKey) -> Diagnostic {
    Diagnostic::error(
        "DBVC3023",
        format!("{key} is only partly applied, so its undo script does not fit"),
    )
    .help("finish it first: `dbvc migrate`")
}

fn undo_script(standing: &Standing, stored: &mut StoredUndo<'_>) -> Result<StepScript, Box<Diagnostic>> {
    if let Some(migration) = &standing.migration {
        if let Some(reason) = is_irreversible(migration) {
            return Err(Diagnostic::error(
                "DBVC3024",
                format!("{} cannot be undone: {reason}", migration.up.name()),
            )
            .label(Label::file(&migration.up.shown))
            .note("the migration itself says so")
            .help("restore a backup, or write a new migration that goes forward")
            .into());
        }
        if let Some(undo) = &migration.undo {
            return Ok(StepScript::File(Box::new(undo.clone())));
        }
    }
    let name = format!("the undo script of {} kept by the database", standing.key);
    stored(&standing.key)
        .map(|text| StepScript::Stored { name, text })
        .ok_or_else(|| {
            Diagnostic::error("DBVC3025", format!("{} has no undo script", standing.key))
                .note("neither a file of the project nor the database's own registry has one")
                .help(format!(
                    "write `rollback/V{}__…_rollback.sql` and run the rollback again",
                    standing.key
                ))
                .into()
        })
}

fn from_the_registry(name: &str) -> Diagnostic {
    Diagnostic::note_only(
        "DBVC3026",
        format!("{name} is used, because the project has no file for it"),
    )
}

fn resume(standing: &Standing) -> Option<Resume> {
    standing
        .applied
        .as_ref()
        .filter(|_| standing.state == State::PartlyUndone)
        .map(|applied| Resume {
            rank: applied.rank,
            done: applied.statements_done,
            digest: applied.progress.clone().unwrap_or_default(),
            in_flight: applied.in_flight.clone(),
            session: applied.session.clone(),
        })
}

fn description(standing: &Standing) -> String {
    let recorded = standing
        .applied
        .as_ref()
        .map(|applied| applied.description.clone());
    standing
        .migration
        .as_ref()
        .map(|migration| migration.description.clone())
        .or(recorded)
        .unwrap_or_default()
}

/// What the record says of what ran; the file may have been edited since.
fn recorded_checksum(standing: &Standing) -> Checksum {
    let recorded = standing
        .applied
        .as_ref()
        .and_then(|applied| applied.checksum.parse().ok());
    let file = |standing: &Standing| {
        standing
            .migration
            .as_ref()
            .map(|migration| migration.up.checksum.clone())
    };
    recorded
        .or_else(|| file(standing))
        .unwrap_or_else(|| Checksum::of(""))
}
