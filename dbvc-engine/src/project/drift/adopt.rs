//! Drift as a migration.

use super::{Correction, DriftReport};
use crate::diagnostic::Diagnostic;
use crate::migration::Request;
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
    let bodies = Bodies {
        up: &text(up),
        undo: &text(undo),
    };
    create_with(&context.settings.layout, request, Some(bodies)).map(Some)
}
