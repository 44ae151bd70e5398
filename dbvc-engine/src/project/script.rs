//! A plan as a SQL script that people can read, and run by hand.

use std::io::{self, Write};

use super::opening::script_problem;
use super::{Context, ExitClass, Failed};
use crate::diagnostic::Diagnostic;
use crate::driver::Action;
use crate::execute::open;
use crate::plan::{Plan, Step};
use crate::sql::{Piece, ScriptError, Statement, comment};

/// Why a script was not written to its end.
enum Stop {
    Script(ScriptError),
    Output(io::Error),
}

impl From<io::Error> for Stop {
    fn from(error: io::Error) -> Self {
        Self::Output(error)
    }
}

impl From<ScriptError> for Stop {
    fn from(error: ScriptError) -> Self {
        Self::Script(error)
    }
}

/// Writes what a plan would run, statement by statement, placeholders filled in. The record is not written by it, so
/// dbvc does not know of what is run by hand; `migrate --plan` runs the same and records it.
pub fn write_script(context: &Context<'_>, plan: &Plan, out: &mut dyn Write) -> Result<(), Failed> {
    head(plan, out).map_err(|error| unwritable(&error))?;
    for (index, step) in plan.steps.iter().enumerate() {
        write_step(context, step, (index + 1, plan.steps.len()), out).map_err(|stop| match stop {
            Stop::Script(error) => Failed::findings(vec![script_problem(&step.script, &error)]),
            Stop::Output(error) => unwritable(&error),
        })?;
    }
    out.flush().map_err(|error| unwritable(&error))
}

fn head(plan: &Plan, out: &mut dyn Write) -> io::Result<()> {
    let told = format!("Plan for database {} in {}", plan.database, plan.environment);
    writeln!(out, "{}", comment(&told))?;
    let current = plan.current.as_deref().unwrap_or("(empty)");
    let told = format!(
        "From version {current}; {} to run",
        count(plan.steps.len(), "step")
    );
    writeln!(out, "{}", comment(&told))?;
    writeln!(out, "{}", comment(&format!("History {}", plan.history)))
}

fn write_step(
    context: &Context<'_>,
    step: &Step,
    (number, of): (usize, usize),
    out: &mut dyn Write,
) -> Result<(), Stop> {
    let action = if step.action == Action::Rollback {
        "undo"
    } else {
        "apply"
    };
    let told = format!(
        "Step {number} of {of}: {action} {} ({})",
        step.migration,
        step.name()
    );
    writeln!(out, "\n{}", comment(&told))?;
    writeln!(
        out,
        "-- Checksum {}; {}",
        step.checksum,
        count(step.statements as usize, "statement")
    )?;
    if let Some(resume) = &step.resume {
        writeln!(
            out,
            "-- {} of these are done already and will not run again",
            resume.done
        )?;
    }
    let batches = context.driver.dialect().go_batches;
    let (begin, commit) = brackets(batches);
    if step.transactional {
        writeln!(out, "{begin}")?;
    } else {
        let reason = step.reason.as_deref().unwrap_or("the script asks for it");
        writeln!(out, "{}", comment(&format!("Outside a transaction: {reason}")))?;
    }
    let mut reader = open(
        &step.script,
        &context.settings.placeholders,
        context.driver.dialect(),
    )
    .map_err(ScriptError::from)?;
    while let Some(piece) = reader.next_piece()? {
        match piece {
            Piece::Statement(statement) | Piece::CopyStart(statement) => {
                write_statement(&statement, batches, out)?;
            }
            Piece::CopyRows(rows) => out.write_all(rows.as_bytes())?,
            Piece::CopyEnd => writeln!(out, "\\.")?,
            Piece::ClientCommand { .. } => {}
        }
    }
    if step.transactional {
        writeln!(out, "{commit}")?;
    }
    Ok(())
}

/// What begins and ends the transaction of a step.
fn brackets(batches: bool) -> (&'static str, &'static str) {
    if batches {
        ("SET XACT_ABORT ON;\nBEGIN TRANSACTION;\nGO", "COMMIT;\nGO")
    } else {
        ("BEGIN;", "COMMIT;")
    }
}

fn write_statement(statement: &Statement, batches: bool, out: &mut dyn Write) -> io::Result<()> {
    let end = if batches { "\nGO" } else { ";" };
    writeln!(out, "{}{end}", statement.sql)
}

fn count(number: usize, thing: &str) -> String {
    if number == 1 {
        format!("1 {thing}")
    } else {
        format!("{number} {thing}s")
    }
}

fn unwritable(error: &io::Error) -> Failed {
    Failed::one(
        ExitClass::Findings,
        Diagnostic::error("DBVC1023", format!("cannot write the script: {error}")),
    )
}
