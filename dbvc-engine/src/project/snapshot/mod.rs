//! `snapshot`: what a database is, as values and as files' texts.

mod guard;

use std::collections::BTreeMap;

use serde::Serialize;

use super::drift::meanwhile;
use super::expected::checksum;
use super::migrate::give_back;
use super::{Context, Failed};
use crate::driver::{Access, SnapshotKind};
use crate::error::DriverError;
use crate::schema::Database;
use guard::{Expected, refuse_drift, warn_of_drift};

/// A database's schema at one moment.
#[derive(Debug, Serialize)]
pub struct SnapshotReport {
    /// The database's name in the project.
    pub database: String,
    /// The environment's name.
    pub environment: String,
    /// The driver whose spelling it has.
    pub dialect: String,
    /// How many objects there are of each kind.
    pub objects: BTreeMap<&'static str, usize>,
    /// SHA-256 of the canonical JSON: equal schemas have equal ones.
    pub checksum: String,
    /// Its number in the database's record, where it is kept there.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept: Option<u64>,
    /// Why it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<SnapshotKind>,
    /// What the SQL does not make, with the reason.
    pub left_out: Vec<String>,
    /// The canonical JSON.
    #[serde(skip)]
    pub json: String,
    /// The script that makes the schema; none where the adapter cannot write one.
    #[serde(skip)]
    pub sql: Option<String>,
}

/// Reads the whole schema of a database, and changes nothing.
pub async fn read_schema(context: &Context<'_>) -> Result<Database, Failed> {
    let mut session = context.connect(Access::ReadOnly).await?;
    let read = context.unless_cancelled(session.introspect()).await?;
    let database = read.map_err(|error| Failed::driver(&context.target, &error))?;
    // All was read; a goodbye that fails changes nothing.
    let _ = session.close().await;
    Ok(database)
}

/// Takes a snapshot, and changes nothing. The observer hears a warning where something was changed past dbvc since the
/// newest snapshot of the record.
pub async fn snapshot(context: &Context<'_>) -> Result<SnapshotReport, Failed> {
    let database = read_schema(context).await?;
    warn_of_drift(context, &database).await;
    Ok(report(context, database))
}

/// What is to be kept.
#[derive(Debug, Clone)]
pub struct SnapshotRequest {
    /// Why the snapshot is taken.
    pub kind: SnapshotKind,
    /// The version that the schema has.
    pub version: Option<String>,
}

/// Takes a snapshot and keeps it in the database's record; from then on it is what the schema should be. Nothing else is
/// changed. Refused where something was changed past dbvc since the newest snapshot, or, before there is one, where the
/// schema is not what the applied migrations make: that is accepted by [`super::approve_drift`], not by the way.
pub async fn keep_snapshot(
    context: &Context<'_>,
    request: &SnapshotRequest,
) -> Result<SnapshotReport, Failed> {
    let failed = |error: DriverError| Failed::driver(&context.target, &error);
    let mut opening = context.open_database(Access::ReadWrite).await?;
    let mut database = context.introspected(opening.session.as_mut()).await?;
    let seen = opening.known.digest.clone();
    let first = match opening.survey.snapshot {
        Some(_) => Expected::Unasked,
        None => context.expected_of_first(&mut opening, &database).await?,
    };
    let lease = context.take_lock(&mut opening, "snapshot").await?;
    let kept = async {
        opening.ask_again(context).await?;
        if opening.known.digest != seen {
            // A run came to its end meanwhile; what the migrations made before it is out of date.
            if matches!(first, Expected::Migrations(_)) {
                return Err(meanwhile());
            }
            database = context.introspected(opening.session.as_mut()).await?;
            context.renewed(&mut opening, &lease).await?;
        }
        refuse_drift(context, &mut opening, &database, &first).await?;
        let new = context.new_snapshot(request.kind, request.version.clone(), &database);
        let kept = opening.session.keep_snapshot(&lease.fence, &new).await;
        kept.map_err(failed)
    }
    .await;
    let id = match kept {
        Ok(id) => id,
        Err(failed) => return Err(give_back(opening, &lease, failed).await),
    };
    let unlocked = opening.session.unlock(&lease).await;
    opening.close().await;
    unlocked.map_err(failed)?;
    Ok(SnapshotReport {
        kept: Some(id),
        kind: Some(request.kind),
        ..report(context, database)
    })
}

fn report(context: &Context<'_>, database: Database) -> SnapshotReport {
    let mut objects = BTreeMap::new();
    for key in database.objects.keys() {
        *objects.entry(key.kind.word()).or_default() += 1;
    }
    let json = database.to_json();
    let written = context.driver.ddl().map(|ddl| ddl.create(&database));
    let left_out = written.iter().flat_map(|written| &written.left_out);
    SnapshotReport {
        database: context.settings.database.clone(),
        environment: context.settings.environment.clone(),
        kept: None,
        kind: None,
        left_out: left_out.map(|(key, reason)| format!("{key}: {reason}")).collect(),
        dialect: database.dialect,
        objects,
        checksum: checksum(&json),
        sql: written.map(|written| written.sql),
        json,
    }
}
