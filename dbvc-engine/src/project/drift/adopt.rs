//! Drift as a migration.

use std::path::PathBuf;

use super::{Correction, DriftReport};
use crate::diagnostic::{Diagnostic, Label};
use crate::migration::{Request, directory};
use crate::project::create::{Bodies, CreateReport, create_with};
use crate::project::generate::script;
use crate::project::{Context, ExitClass, Failed};

/// Writes what was changed past dbvc as a new migration with its undo script; the database is left alone. None where
/// nothing differs.
pub fn adopt_drift(
    context: &Context<'_>,
    report: &DriftReport,
    request: &Request,
) -> Result<Option<CreateReport>, Failed> {
    if report.found.is_empty() {
        return Ok(None);
    }
    let (Some(up), Some(undo)) = (&report.adopt, &report.undo) else {
        let title = context.driver.info().title;
        let message = format!("the adapter for {title} cannot write changes of a schema");
        return Err(Failed::one(
            ExitClass::Usage,
            Diagnostic::error("DBVC8110", message),
        ));
    };
    let text = |way: &Correction| script(&way.sql, way.no_transaction.as_deref());
    let up = text(up);
    if let Some(there) = adopted_by(context, &up)? {
        return Err(Failed::one(
            ExitClass::Findings,
            Diagnostic::error("DBVC3059", "a migration adopts this drift already")
                .label(Label::file(&there))
                .help(
                    "undo the change here by hand, then `dbvc migrate`: every database gets it the same way",
                )
                .help("or, to write it anew, take that file and its undo script away first"),
        ));
    }
    let bodies = Bodies {
        up: &up,
        undo: &text(undo),
    };
    create_with(&context.settings.layout, request, Some(bodies)).map(Some)
}

/// The migration that holds these statements, as people are shown it.
fn adopted_by(context: &Context<'_>, statements: &str) -> Result<Option<PathBuf>, Failed> {
    let layout = &context.settings.layout;
    if statements.trim().is_empty() || !layout.migrations.exists() {
        return Ok(None);
    }
    let set = directory::read(layout).map_err(|problems| Failed::problems(&problems))?;
    let there = set.versioned().find(|migration| {
        let text = std::fs::read_to_string(&migration.up.path).unwrap_or_default();
        text.replace("\r\n", "\n").contains(statements.trim())
    });
    Ok(there.map(|migration| migration.up.shown.clone()))
}
