//! `status`: where a database stands.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Serialize;

use super::opening::Opening;
use super::{Context, Failed};
use crate::diagnostic::Diagnostic;
use crate::driver::{Access, Holder, ServerInfo};
use crate::plan::{MigrateOptions, ScriptFacts, Standing, State, migrate as plan};
use crate::schema::SchemaOverview;

/// One migration, as `status` shows it.
#[derive(Debug, Clone, Serialize)]
pub struct StatusEntry {
    /// The migration's key.
    pub migration: String,
    /// The version of a versioned migration.
    pub version: Option<String>,
    /// Its description.
    pub description: String,
    /// The file's name.
    pub script: String,
    /// How it stands.
    pub state: State,
    /// How many of its statements are done, of one that is partly applied or partly undone.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub statements_done: Option<u32>,
    /// Whether a newer version is in the schema already, for one that is to be run.
    pub out_of_order: bool,
    /// When it was applied.
    pub applied_at: Option<Timestamp>,
    /// The database login that applied it.
    pub applied_by: Option<String>,
    /// How long that took, in milliseconds.
    pub duration_ms: Option<u64>,
    /// Whether there is an undo script.
    pub undo: bool,
}

/// Where a database stands.
#[derive(Debug, Serialize)]
pub struct StatusReport {
    /// The database's name in the project.
    pub database: String,
    /// The environment's name.
    pub environment: String,
    /// The database's address, secrets masked.
    pub target: String,
    /// Who answered.
    pub server: ServerInfo,
    /// Whether dbvc has worked on this database.
    pub installed: bool,
    /// The newest version in the schema.
    pub version: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// When it was deployed.
    pub deployed_at: Option<Timestamp>,
    /// How many migrations stand how.
    pub counts: BTreeMap<String, usize>,
    /// Every migration.
    pub migrations: Vec<StatusEntry>,
    /// Every schema with its tables and views.
    pub schemas: Vec<SchemaOverview>,
    /// Tables in all of them.
    pub tables: u64,
    /// Views in all of them.
    pub views: u64,
    /// Who holds the lock.
    pub lock: Option<Holder>,
    /// What stands in the way of `migrate`.
    pub findings: Vec<Diagnostic>,
}

impl StatusReport {
    /// How many migrations `migrate` would run.
    pub fn pending(&self) -> usize {
        self.migrations
            .iter()
            .filter(|entry| entry.state.is_pending())
            .count()
    }
}

/// Looks, and changes nothing.
pub async fn status(context: &Context<'_>) -> Result<StatusReport, Failed> {
    let mut opening = context.open(Access::ReadOnly).await?;
    let schemas = opening
        .session
        .overview()
        .await
        .map_err(|error| Failed::driver(&context.target, &error))?;
    let report = report(context, &opening, schemas);
    opening.close().await;
    Ok(report)
}

fn report(context: &Context<'_>, opening: &Opening, schemas: Vec<SchemaOverview>) -> StatusReport {
    let standings = opening.standings(context);
    let current = opening.known.current();
    let mut counts = BTreeMap::new();
    for standing in &standings {
        *counts.entry(word(standing.state)).or_insert(0) += 1;
    }
    let (database, environment) = context.names();
    StatusReport {
        database: database.to_owned(),
        environment: environment.to_owned(),
        target: context.target.shown(),
        server: opening.session.server().clone(),
        installed: opening.survey.layout.is_some(),
        version: current.map(|(version, _)| version.to_string()),
        name: current.map(|(_, applied)| applied.description.clone()),
        deployed_at: current.map(|(_, applied)| applied.at),
        counts,
        migrations: standings.iter().map(entry).collect(),
        tables: schemas.iter().map(|schema| schema.tables).sum(),
        views: schemas.iter().map(|schema| schema.views).sum(),
        schemas,
        lock: opening.survey.holder.clone(),
        findings: findings(context, opening, &standings),
    }
}

/// What `migrate` would say of the record; the scripts themselves are not read for it.
fn findings(context: &Context<'_>, opening: &Opening, standings: &[Standing]) -> Vec<Diagnostic> {
    let options = MigrateOptions {
        out_of_order: context.settings.policy.out_of_order,
        ..MigrateOptions::default()
    };
    plan(context.names(), &opening.known, standings, &options, &mut |_| {
        Ok(ScriptFacts::default())
    })
    .findings
}

fn word(state: State) -> String {
    serde_json::to_value(state)
        .ok()
        .and_then(|value| value.as_str().map(ToOwned::to_owned))
        .unwrap_or_default()
}

fn entry(standing: &Standing) -> StatusEntry {
    let applied = standing.applied.as_ref();
    let migration = standing.migration.as_ref();
    StatusEntry {
        migration: standing.key.to_string(),
        version: standing.key.version().map(ToString::to_string),
        description: migration
            .map(|migration| migration.description.clone())
            .or_else(|| applied.map(|applied| applied.description.clone()))
            .unwrap_or_default(),
        script: migration
            .map(|migration| migration.up.name())
            .or_else(|| applied.map(|applied| applied.script.clone()))
            .unwrap_or_default(),
        state: standing.state,
        statements_done: applied
            .filter(|_| matches!(standing.state, State::Partial | State::PartlyUndone))
            .map(|applied| applied.statements_done),
        out_of_order: standing.out_of_order,
        applied_at: applied.map(|applied| applied.at),
        applied_by: applied.map(|applied| applied.by.clone()),
        duration_ms: applied.map(|applied| u64::try_from(applied.duration.as_millis()).unwrap_or(u64::MAX)),
        undo: migration.is_some_and(|migration| migration.undo.is_some()),
    }
}
