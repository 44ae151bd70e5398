//! `validate`: find every fault of the files without a database.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::create::renew_sum;
use super::failed::problem;
use super::{Context, Failed};
use crate::diagnostic::{Diagnostic, Label};
use crate::migration::{Migration, directory};
use crate::plan::{about_the_script, lacks_undo};

/// What was found in the files.
#[derive(Debug, Serialize)]
pub struct ValidateReport {
    /// The database's name in the project.
    pub database: String,
    /// Migrations read.
    pub migrations: usize,
    /// Statements in them.
    pub statements: u64,
    /// Everything that is to be said; may hold errors.
    pub findings: Vec<Diagnostic>,
    /// The sum file, when it was written anew.
    pub sum: Option<PathBuf>,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct ValidateOptions {
    /// Write the sum file anew.
    pub fix: bool,
}

impl ValidateReport {
    /// Whether an error was found.
    pub fn is_faulty(&self) -> bool {
        self.findings.iter().any(Diagnostic::is_error)
    }
}

/// Reads every file, as `migrate` on an empty database would, and connects to nothing.
pub fn validate(context: &Context<'_>, options: ValidateOptions) -> Result<ValidateReport, Failed> {
    let layout = &context.settings.layout;
    let sum = if options.fix {
        renew_sum(layout, true)?
    } else {
        None
    };
    let set = directory::read(layout).map_err(|problems| Failed::problems(&problems))?;
    let mut report = ValidateReport {
        database: context.settings.database.clone(),
        migrations: 0,
        statements: 0,
        findings: context.sum_faults(&set).iter().map(problem).collect(),
        sum,
    };
    for migration in set.iter() {
        report.migrations += 1;
        for script in std::iter::once(&migration.up).chain(&migration.undo) {
            match context.file_facts(script) {
                Ok(facts) => {
                    report.statements += u64::from(facts.statements);
                    report.findings.extend(about_the_script(script, &facts));
                    if facts.statements == 0 {
                        report.findings.push(empty(&script.shown));
                    }
                }
                Err(fault) => report.findings.push(*fault),
            }
        }
        report.findings.extend(without_undo(context, migration));
    }
    Ok(report)
}

fn empty(path: &Path) -> Diagnostic {
    Diagnostic::warning("DBVC1013", "the script holds no statement")
        .label(Label::file(path))
        .help("write the SQL, or remove the file")
}

fn without_undo(context: &Context<'_>, migration: &Migration) -> Option<Diagnostic> {
    if !lacks_undo(migration) {
        return None;
    }
    let message = format!("{} has no undo script", migration.up.name());
    let diagnostic = if context.settings.policy.require_undo {
        Diagnostic::error("DBVC3012", message)
    } else {
        Diagnostic::warning("DBVC3012", message)
    };
    Some(
        diagnostic
            .label(Label::file(&migration.up.shown))
            .help("write one, or say `-- dbvc: irreversible=\"reason\"` at the top of the migration"),
    )
}
