//! A snapshot makes expected what is there. What was changed past dbvc is not to slip in with it.

use crate::diagnostic::{Diagnostic, Severity};
use crate::diff::{DiffOptions, diff};
use crate::driver::Access;
use crate::migration::{MigrationKey, Version};
use crate::observe::Event;
use crate::plan::{Known, State};
use crate::project::expected::{drifted, moved_since, of_snapshot};
use crate::project::opening::Opening;
use crate::project::{Context, ExitClass, Failed, replay};
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
    pub(super) async fn expected_of_first(&self, known: &Known) -> Result<Expected, Failed> {
        let Some((version, _)) = known.current() else {
            return Ok(Expected::Unasked);
        };
        let reason = match self.why_migrations_do_not_tell(known, version) {
            Some(reason) => reason,
            None => match Box::pin(replay(self, Some(version))).await {
                Ok(expected) => return Ok(Expected::Migrations(Box::new(expected))),
                Err(failed) if failed.exit == ExitClass::Cancelled => return Err(failed),
                Err(failed) => failed
                    .diagnostics
                    .first()
                    .map_or_else(String::new, |it| it.message.clone()),
            },
        };
        let note = Diagnostic::note_only(
            "DBVC3065",
            "the first snapshot takes the schema as it is: it could not be compared with what the migrations make",
        );
        self.observer.on(&Event::Diagnostic(&note.note(reason)));
        Ok(Expected::Unasked)
    }

    /// Files that are not those that ran make another schema, and it would be no drift.
    fn why_migrations_do_not_tell(&self, known: &Known, current: &Version) -> Option<String> {
        if let Some(version) = known.baseline() {
            return Some(format!(
                "what was there before baseline {version} no migration made"
            ));
        }
        let set = match self.read_files() {
            Ok(set) => set,
            Err(failed) => return Some(failed.diagnostics.first()?.message.clone()),
        };
        // A replay up to an older version runs no repeatable migration.
        let with_repeatables = set.newest() == Some(current);
        let standings = crate::plan::standings(&set, known, &self.settings.environment);
        let other = standings.iter().find(|standing| {
            let comes_later = matches!(&standing.key, MigrationKey::Versioned(version) if version > current);
            match standing.state {
                State::OtherEnvironment => false,
                State::Applied => !with_repeatables && matches!(standing.key, MigrationKey::Repeatable(_)),
                State::Pending | State::Failed | State::RolledBack => !comes_later,
                _ => true,
            }
        })?;
        let state = serde_json::to_value(other.state).unwrap_or_default();
        let state = state.as_str().unwrap_or_default().replace(['-', '_'], " ");
        Some(format!("{} is {state} at version {current}", other.key))
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
