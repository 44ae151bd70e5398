//! A snapshot makes expected what is there. What was changed past dbvc is not to slip in with it.

use crate::diagnostic::{Diagnostic, Severity};
use crate::diff::{DiffOptions, diff};
use crate::driver::Access;
use crate::observe::Event;
use crate::project::as_applied::{AsApplied, Made};
use crate::project::expected::{drifted, moved_since, of_snapshot};
use crate::project::opening::Opening;
use crate::project::{Context, ExitClass, Failed};
use crate::schema::Database;

/// What a database should be, where its record keeps no snapshot yet.
pub(super) enum Expected {
    /// The record tells, or nothing does.
    Unasked,
    /// What the applied migrations make.
    Migrations(Box<Database>),
}

/// A scratch database has other owners, and rights of its own.
const OF_MIGRATIONS: DiffOptions = DiffOptions {
    owners: false,
    grants: false,
    column_order: true,
};

impl Context<'_> {
    /// What the applied migrations make, before the first snapshot is taken. Where that cannot be found out, a note says
    /// why, and the schema is taken as it is.
    pub(super) async fn expected_of_first(
        &self,
        opening: &mut Opening,
        live: &Database,
    ) -> Result<Expected, Failed> {
        if opening.known.current().is_none() {
            return Ok(Expected::Unasked);
        }
        let reason = match Box::pin(self.made_by_migrations(opening)).await {
            Ok(Ok(made)) => {
                return Ok(Expected::Migrations(Box::new(made.beside(live, OF_MIGRATIONS))));
            }
            Ok(Err(reason)) => reason,
            Err(failed) if failed.exit == ExitClass::Cancelled => return Err(failed),
            Err(failed) => {
                let first = failed.diagnostics.first();
                first.map_or_else(String::new, |it| it.message.clone())
            }
        };
        let note = Diagnostic::note_only(
            "DBVC3065",
            "the first snapshot takes the schema as it is: it could not be compared with what the migrations make",
        );
        self.observer.on(&Event::Diagnostic(&note.note(reason)));
        Ok(Expected::Unasked)
    }

    /// What they make, or why they do not tell what is expected.
    async fn made_by_migrations(&self, opening: &mut Opening) -> Result<Result<Made, String>, Failed> {
        if let Some(version) = opening.known.baseline() {
            return Ok(Err(format!(
                "what was there before baseline {version} no migration made"
            )));
        }
        let again = AsApplied::of(self, opening).await?;
        match again.unknown.first() {
            Some(unknown) => Ok(Err(unknown.clone())),
            None => again.make(self).await.map(Ok),
        }
    }
}

/// A newest snapshot that tells nothing (damaged, or migrations ran after it) keeps nobody from taking another one.
pub(super) async fn refuse_drift(
    context: &Context<'_>,
    opening: &mut Opening,
    live: &Database,
    first: &Expected,
) -> Result<(), Failed> {
    let told = match first {
        Expected::Unasked => found_past_dbvc(context, opening, live).await?,
        Expected::Migrations(expected) => {
            let found = diff(expected, live, OF_MIGRATIONS);
            (!found.is_empty()).then(|| drifted(&found, "what the applied migrations make"))
        }
    };
    let Some(mut told) = told else {
        return Ok(());
    };
    "DBVC3058".clone_into(&mut told.code);
    let told = told
        .note("a snapshot would make it expected without a word")
        .help("`dbvc drift` shows what, and the SQL that undoes it")
        .help("`dbvc drift --approve \"why\"` accepts it; take the snapshot after that")
        .help("for the files alone: `dbvc snapshot --files-only`");
    Err(Failed::one(ExitClass::Drift, told))
}

/// The same as a warning, for files alone. A record that cannot be read says nothing.
pub(super) async fn warn_of_drift(context: &Context<'_>, live: &Database) {
    let Ok(mut opening) = context.open_database(Access::ReadOnly).await else {
        return;
    };
    let found = found_past_dbvc(context, &mut opening, live).await;
    opening.close().await;
    let Ok(Some(mut told)) = found else {
        return;
    };
    "DBVC3058".clone_into(&mut told.code);
    told.severity = Severity::Warning;
    let told = told
        .note("the files have it, too")
        .help("`dbvc drift` shows what, and the SQL that undoes it");
    context.observer.on(&Event::Diagnostic(&told));
}

/// What differs from the newest snapshot of the record, where that tells.
async fn found_past_dbvc(
    context: &Context<'_>,
    opening: &mut Opening,
    live: &Database,
) -> Result<Option<Diagnostic>, Failed> {
    let Some(kept) = context.newest_snapshot(opening).await? else {
        return Ok(None);
    };
    let Ok(expected) = context.schema_of(&kept) else {
        return Ok(None);
    };
    if moved_since(&opening.known, &kept.entry) {
        return Ok(None);
    }
    let found = diff(&expected, live, DiffOptions::default());
    Ok((!found.is_empty()).then(|| drifted(&found, &of_snapshot(&kept.entry))))
}
