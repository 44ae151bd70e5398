//! What is to be said about a plan to migrate. Nothing is skipped silently.

use super::forward::present_after;
use super::{Known, MigrateOptions, ScriptFacts, Standing, State};
use crate::diagnostic::{Diagnostic, Label};
use crate::migration::{Kind, Migration, Script, Version};

/// Faults that stand between the files and the record.
pub(super) fn about_the_record(
    known: &Known,
    standings: &[Standing],
    options: &MigrateOptions,
) -> Vec<Diagnostic> {
    let mut findings: Vec<Diagnostic> = known
        .unreadable
        .iter()
        .map(|applied| unreadable(&applied.migration))
        .collect();
    for standing in standings {
        match standing.state {
            State::Changed => findings.push(changed(standing)),
            State::Missing => findings.push(missing(standing)),
            State::PartlyUndone => findings.push(partly_undone(standing)),
            State::Partial if standing.migration.is_none() => findings.push(missing(standing)),
            _ if standing.out_of_order && !options.out_of_order && standing.state != State::Partial => {
                findings.push(out_of_order(standing, known));
            }
            _ => {}
        }
    }
    findings
}

/// What the choice leaves out or lacks.
pub(super) fn about_the_choice(
    standings: &[Standing],
    chosen: &[&Standing],
    options: &MigrateOptions,
) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for standing in standings
        .iter()
        .filter(|standing| standing.state == State::OtherEnvironment)
    {
        findings.extend(standing.migration.as_deref().map(other_environment));
    }
    let known_target = |target: &Version| {
        standings
            .iter()
            .any(|standing| standing.key.version() == Some(target))
    };
    if let Some(target) = options.target.as_ref().filter(|target| !known_target(target)) {
        findings.push(
            Diagnostic::error("DBVC3008", format!("there is no migration {target} to go to"))
                .note(versions_note(standings))
                .help("`dbvc status` lists the versions"),
        );
    }
    findings.extend(
        options
            .target
            .as_ref()
            .and_then(|target| behind(standings, target)),
    );
    findings.extend(requirements(standings, chosen));
    findings
}

/// A target that the database is past: `migrate` only goes forward.
fn behind(standings: &[Standing], target: &Version) -> Option<Diagnostic> {
    let present =
        |standing: &&Standing| matches!(standing.state, State::Applied | State::Baseline | State::Changed);
    let current = standings
        .iter()
        .filter(present)
        .filter_map(|standing| standing.key.version())
        .max()?;
    (current > target).then(|| {
        Diagnostic::note_only("DBVC3009", format!("the database is at {current}, past {target}"))
            .help(format!("to go back: `dbvc rollback --to {target}`"))
    })
}

fn versions_note(standings: &[Standing]) -> String {
    let newest = standings.iter().rev().find_map(|standing| standing.key.version());
    newest.map_or_else(
        || "the project has no versioned migration".into(),
        |v| format!("the newest version is {v}"),
    )
}

fn requirements(standings: &[Standing], chosen: &[&Standing]) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for (index, standing) in chosen.iter().enumerate() {
        let Some(migration) = &standing.migration else {
            continue;
        };
        let present = present_after(standings, &chosen[..index]);
        for required in migration
            .up
            .directives
            .requires
            .iter()
            .filter(|key| !present.contains(key))
        {
            findings.push(
                Diagnostic::error(
                    "DBVC3007",
                    format!(
                        "{} requires {required}, which is not in the database",
                        migration.up.name()
                    ),
                )
                .label(Label::file(&migration.up.shown))
                .help(format!(
                    "apply {required} first, or take it out of `-- dbvc: requires=`"
                )),
            );
        }
    }
    findings
}

/// What a script's statements make impossible.
pub fn about_the_script(script: &Script, facts: &ScriptFacts) -> Vec<Diagnostic> {
    let mut findings = Vec::new();
    for (at, flaw) in &facts.flaws {
        findings.push(
            Diagnostic::error(
                "DBVC3014",
                format!("the server would refuse {}: {}", script.name(), flaw.what),
            )
            .label(Label::place(&script.shown, *at, flaw.what.clone()))
            .help(flaw.advice.clone()),
        );
    }
    // Outside a transaction of dbvc's, a batch may hold one of its own.
    let own_are_fine = facts.batches && script.directives.no_transaction;
    for (at, control) in facts.control.iter().filter(|_| !own_are_fine) {
        findings.push(
            Diagnostic::error(
                "DBVC3010",
                format!("{} begins or ends a transaction of its own", script.name()),
            )
            .label(Label::place(&script.shown, *at, format!("`{control}`")))
            .note("dbvc runs a migration and its history entry in one transaction, so that both happen or neither")
            .help(if facts.batches {
                format!(
                    "remove `{control}`; where a batch must hold a whole transaction of its own, put \
                     `-- dbvc: no-transaction` at the top"
                )
            } else {
                format!("remove `{control}`; split the migration where a commit is needed")
            }),
        );
    }
    let asked = script.directives.no_transaction;
    if !asked && facts.is_mixed() {
        let mut finding = Diagnostic::error(
            "DBVC3011",
            format!(
                "{} mixes statements that need and that refuse a transaction",
                script.name()
            ),
        );
        for (at, reason) in &facts.unfit {
            finding = finding.label(Label::place(&script.shown, *at, reason.clone()));
        }
        findings.push(finding.help(
            "move these statements to a migration of their own, or put `-- dbvc: no-transaction` at the top: every \
             statement then commits by itself, and a broken-off run goes on where it stopped",
        ));
    }
    findings
}

pub(super) fn missing_undo(migration: &Migration) -> Diagnostic {
    Diagnostic::error(
        "DBVC3012",
        format!(
            "{} has no undo script, and this environment requires one",
            migration.up.name()
        ),
    )
    .label(Label::file(&migration.up.shown))
    .help("write it, or say `-- dbvc: irreversible=\"reason\"` at the top of the migration")
}

fn changed(standing: &Standing) -> Diagnostic {
    let (path, name) = file(standing);
    let mut finding = Diagnostic::error("DBVC3001", format!("{name} was edited after it was applied"))
        .label(Label::file(path));
    if let (Some(migration), Some(applied)) = (&standing.migration, &standing.applied) {
        finding = finding.note(format!(
            "applied {} by {} with checksum {}; the file now has {}",
            applied.at,
            applied.by,
            short(&applied.checksum),
            migration.up.checksum.short(),
        ));
    }
    finding
        .help("put the file back as it was, and make the change in a new migration: `dbvc create \"…\"`")
        .help("when only the wording changed and the schema is right: `dbvc verify --fix` accepts the file")
}

fn missing(standing: &Standing) -> Diagnostic {
    let applied = standing.applied.as_ref();
    let name = applied.map_or_else(|| standing.key.to_string(), |applied| applied.script.clone());
    let mut finding = Diagnostic::error(
        "DBVC3002",
        format!("{name} is in the database, but its file is gone"),
    );
    if let Some(applied) = applied {
        finding = finding.note(format!("applied {} by {}", applied.at, applied.by));
    }
    finding
        .help("bring the file back from version control (is this the right branch?)")
        .help(format!(
            "or undo it with the text that the database keeps: `dbvc rollback {}`",
            standing.key
        ))
        .help("or, when it was removed on purpose: `dbvc verify --fix`")
}

fn partly_undone(standing: &Standing) -> Diagnostic {
    let done = standing
        .applied
        .as_ref()
        .map_or(0, |applied| applied.statements_done);
    Diagnostic::error(
        "DBVC3003",
        format!("the undo of {} broke off after {done} statements", standing.key),
    )
    .help(format!("finish it: `dbvc rollback {}`", standing.key))
}

fn out_of_order(standing: &Standing, known: &Known) -> Diagnostic {
    let (path, name) = file(standing);
    let newest = known
        .current()
        .map(|(version, _)| version.to_string())
        .unwrap_or_default();
    Diagnostic::error(
        "DBVC3004",
        format!("{name} is older than {newest}, which is in the database already"),
    )
    .label(Label::file(path))
    .note("it was probably merged from another branch after newer migrations had run")
    .help("run it all the same: `dbvc migrate --out-of-order`")
    .help(format!("or give it a version after {newest}"))
}

fn other_environment(migration: &Migration) -> Diagnostic {
    Diagnostic::note_only(
        "DBVC3005",
        format!(
            "{} is left out: it is for {} only",
            migration.up.name(),
            migration.up.directives.environments.join(", ")
        ),
    )
}

fn unreadable(key: &str) -> Diagnostic {
    Diagnostic::error(
        "DBVC3006",
        format!("the record names a migration `{key}` that this dbvc cannot read"),
    )
    .help("a newer dbvc may have written it: update dbvc")
}

fn file(standing: &Standing) -> (std::path::PathBuf, String) {
    standing.migration.as_ref().map_or_else(
        || (std::path::PathBuf::new(), standing.key.to_string()),
        |migration| (migration.up.shown.clone(), migration.up.name()),
    )
}

fn short(checksum: &str) -> &str {
    let digest = checksum.rsplit(':').next().unwrap_or(checksum);
    digest.get(..12).unwrap_or(digest)
}

/// Whether a migration has no undo script and does not say why.
pub fn lacks_undo(migration: &Migration) -> bool {
    migration.kind == Kind::Versioned && migration.undo.is_none() && is_irreversible(migration).is_none()
}

/// Why a migration cannot be undone, in its own words.
pub(super) fn is_irreversible(migration: &Migration) -> Option<&str> {
    migration
        .up
        .directives
        .irreversible
        .as_deref()
        .filter(|_| migration.kind == Kind::Versioned)
}
