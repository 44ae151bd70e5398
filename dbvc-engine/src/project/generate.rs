//! `create --auto`: a migration from the difference between the desired schema and the migrations.

use std::path::Path;

use serde::Serialize;

use super::create::{Bodies, CreateReport, create_with, design_new};
use super::rehearsal::{Rehearsal, on_scratch};
use super::{Context, ExitClass, Failed, schema_of_file};
use crate::diagnostic::Diagnostic;
use crate::diff::{DiffOptions, Difference, diff};
use crate::driver::{Action, Altered};
use crate::migration::{Checksum, Kind, MigrationKey, Request, Version};
use crate::plan::{Step, StepScript};
use crate::schema::Database;
use crate::sql::comment;

/// A migration that was written by dbvc.
#[derive(Debug, Serialize)]
pub struct GenerateReport {
    /// The files; none where nothing differs, or nothing was to be written.
    pub created: Option<CreateReport>,
    /// What leads from the migrations to the desired schema.
    pub difference: Difference,
    /// The migration.
    pub up: String,
    /// Its undo script.
    pub undo: String,
    /// What the migration destroys.
    pub losses: Vec<String>,
    /// What could not be written, with the reason.
    pub left_out: Vec<String>,
    /// What is to be said: about what is destroyed, left out, or not reached.
    pub findings: Vec<Diagnostic>,
}

/// A column that comes stands at the end in some databases, wherever it was written.
const COMPARED: DiffOptions = DiffOptions {
    owners: true,
    grants: true,
    column_order: false,
};

/// Writes a migration and its undo script that lead from what the project's migrations make to what the SQL file
/// `desired` makes. Both are found out on scratch databases, and there the new scripts are tried, too. With `dry_run` no
/// file is written.
pub async fn generate(
    context: &Context<'_>,
    request: &Request,
    desired: &Path,
    dry_run: bool,
) -> Result<GenerateReport, Failed> {
    let (set, new) = design_new(&context.settings.layout, request)?;
    let after = schema_of_file(context, desired).await?;
    let scratch = context.scratch().await?;
    let found = async {
        let mut rehearsal = if context.settings.layout.migrations.exists() {
            Rehearsal::open(scratch.context()).await?
        } else {
            Rehearsal::of(scratch.context(), set).await?
        };
        let found = write(&mut rehearsal, after, &new.version).await;
        rehearsal.close().await;
        found
    }
    .await;
    let written = scratch
        .end(found.map_err(|failed| on_scratch(context, failed)))
        .await?;
    let mut report = written.report();
    if !dry_run && !report.difference.is_empty() {
        let bodies = Bodies {
            up: &report.up,
            undo: &report.undo,
        };
        report.created = Some(create_with(&context.settings.layout, request, Some(bodies))?);
    }
    Ok(report)
}

struct Found {
    difference: Difference,
    up: Altered,
    undo: Altered,
    /// What the migration does not reach, and what its undo script does not.
    missed: [Difference; 2],
    /// Why the undo script does not run.
    undo_fails: Option<String>,
}

async fn write(rehearsal: &mut Rehearsal<'_>, after: Database, version: &Version) -> Result<Found, Failed> {
    let steps = rehearsal.forward()?.steps;
    if !steps.is_empty() {
        rehearsal.run(steps).await?;
    }
    let driver = rehearsal.context().driver.clone();
    let login = rehearsal.login();
    let Some(ddl) = driver.ddl() else {
        return Err(cannot_alter(driver.info().title));
    };
    // What this login makes here another one will make there.
    let plain = |database: Database| ddl.by_whoever_runs(database, &login);
    let after = &plain(after);
    let before = plain(rehearsal.schema().await?);
    let difference = diff(&before, after, COMPARED);
    let way = |from: &Database, to: &Database| {
        ddl.alter(from, to)
            .ok_or_else(|| cannot_alter(driver.info().title))
    };
    let (up, undo) = (way(&before, after)?, way(after, &before)?);
    let mut found = Found {
        difference,
        up,
        undo,
        missed: [Difference::default(), Difference::default()],
        undo_fails: None,
    };
    if found.difference.is_empty() {
        return Ok(found);
    }
    let up = step(rehearsal.context(), &found.up, version, 0)?;
    let tried = rehearsal.run(vec![up]).await;
    tried.map_err(|failed| refused(failed, &found.up))?;
    found.missed[0] = diff(&plain(rehearsal.schema().await?), after, COMPARED);
    let undo = step(rehearsal.context(), &found.undo, version, 1)?;
    match rehearsal.run(vec![undo]).await {
        Ok(()) => found.missed[1] = diff(&plain(rehearsal.schema().await?), &before, COMPARED),
        Err(failed) if is_the_scripts(&failed) => found.undo_fails = Some(words(&failed)),
        Err(failed) => return Err(failed),
    }
    Ok(found)
}

fn cannot_alter(system: &str) -> Failed {
    let message = format!("the adapter for {system} cannot write changes of a schema");
    Failed::one(ExitClass::Usage, Diagnostic::error("DBVC8110", message))
}

/// What was written, to be run once.
fn step(context: &Context<'_>, altered: &Altered, version: &Version, at: usize) -> Result<Step, Failed> {
    let key = match at {
        0 => MigrationKey::Versioned(version.clone()),
        _ => MigrationKey::Repeatable("undo_of_the_new_migration".into()),
    };
    let stored = StepScript::Stored {
        name: "the new script".into(),
        text: altered.sql.clone(),
    };
    let facts = context
        .facts(&stored)
        .map_err(|told| Failed::one(ExitClass::Findings, *told))?;
    Ok(Step {
        migration: key,
        description: "new".into(),
        kind: Kind::Versioned,
        checksum: Checksum::of(&altered.sql),
        action: Action::Migrate,
        script: stored,
        undo: None,
        statements: facts.statements,
        transactional: altered.no_transaction.is_none() && facts.fits_transaction(),
        reason: altered.no_transaction.clone().or_else(|| facts.reason()),
        resume: None,
        again: None,
    })
}

fn is_the_scripts(failed: &Failed) -> bool {
    matches!(failed.exit, ExitClass::RolledBack | ExitClass::Partial)
}

/// What the database said.
fn words(failed: &Failed) -> String {
    let labels = failed.diagnostics.iter().flat_map(|told| &told.labels);
    let said: Vec<&str> = labels
        .map(|label| label.text.as_str())
        .filter(|text| !text.is_empty())
        .collect();
    if said.is_empty() {
        let messages = failed.diagnostics.iter().map(|told| told.message.as_str());
        return messages.collect::<Vec<_>>().join("; ");
    }
    said.join("; ")
}

fn refused(mut failed: Failed, altered: &Altered) -> Failed {
    if !is_the_scripts(&failed) {
        return failed;
    }
    let message = "the migration that dbvc wrote does not run, so no file was made";
    let told = Diagnostic::error("DBVC8111", message)
        .note(words(&failed))
        .note(format!("it was:\n{}", altered.sql.trim()));
    failed.diagnostics = vec![told.help("write this migration by hand: `dbvc create`")];
    failed.exit = ExitClass::Findings;
    failed
}

impl Found {
    fn report(self) -> GenerateReport {
        let left_out: Vec<String> = self
            .up
            .left_out
            .iter()
            .chain(
                self.undo
                    .left_out
                    .iter()
                    .filter(|left| !self.up.left_out.contains(left)),
            )
            .map(|(key, reason)| format!("{key}: {reason}"))
            .collect();
        let mut findings = Vec::new();
        for loss in &self.up.losses {
            let told = Diagnostic::warning("DBVC8112", format!("the migration destroys data: {loss}"));
            let renames = self.difference.renames.iter();
            let told = renames
                .filter(|rename| loss.contains(&format!("{} {}", rename.what, rename.from)))
                .fold(told, |told, rename| {
                    told.note(format!("perhaps renamed: {rename}"))
                });
            findings.push(told.help(
                "look at the comments in it; if something only has another name, write a RENAME instead",
            ));
        }
        if !left_out.is_empty() {
            let told = Diagnostic::warning("DBVC8113", "not everything could be written");
            let told = left_out.iter().fold(told, |told, left| told.note(left.clone()));
            findings.push(told.help("write the rest by hand"));
        }
        for (what, missed) in ["migration", "undo script"].iter().zip(&self.missed) {
            let missed = without(missed, &self.up, &self.undo);
            if !missed.is_empty() {
                let message = format!("the {what} was tried, and something still differs");
                let told =
                    Diagnostic::warning("DBVC8114", message).note(missed.to_string().trim_end().to_owned());
                findings.push(told.help("write the rest by hand"));
            }
        }
        if let Some(reason) = &self.undo_fails {
            findings.push(
                Diagnostic::warning("DBVC8115", "the undo script was tried, and does not run as it is")
                    .note(reason.clone())
                    .help("what the migration drops cannot be made again without rows to fill it: say in the script with what"),
            );
        }
        GenerateReport {
            created: None,
            up: script(&self.up.sql, self.up.no_transaction.as_deref()),
            undo: script(&self.undo.sql, self.undo.no_transaction.as_deref()),
            losses: self.up.losses,
            difference: self.difference,
            left_out,
            findings,
        }
    }
}

/// What was said already is not said again.
fn without(missed: &Difference, up: &Altered, undo: &Altered) -> Difference {
    let mut missed = missed.clone();
    missed.changes.retain(|change| {
        let mut left = up.left_out.iter().chain(&undo.left_out);
        !left.any(|(key, _)| *key == change.object)
    });
    missed.renames.clear();
    missed
}

/// The script with what must stand at its top.
pub(super) fn script(sql: &str, no_transaction: Option<&str>) -> String {
    let mut head = String::new();
    if let Some(reason) = no_transaction {
        let told = comment(&format!("Not one transaction: {reason}."));
        head = format!("{told}\n-- dbvc: no-transaction\n\n");
    }
    if sql.contains("${") {
        head.push_str("-- dbvc: placeholders=off\n\n");
    }
    format!("{head}{}\n", sql.trim())
}
