//! `snapshot`: what a database is, as values and as files' texts.

use std::collections::BTreeMap;

use serde::Serialize;
use sha2::{Digest, Sha256};

use super::{Context, Failed};
use crate::driver::Access;
use crate::schema::Database;

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

/// Takes a snapshot, and changes nothing.
pub async fn snapshot(context: &Context<'_>) -> Result<SnapshotReport, Failed> {
    let database = read_schema(context).await?;
    let mut objects = BTreeMap::new();
    for key in database.objects.keys() {
        *objects.entry(key.kind.word()).or_default() += 1;
    }
    let json = database.to_json();
    let written = context.driver.ddl().map(|ddl| ddl.create(&database));
    let left_out = written.iter().flat_map(|written| &written.left_out);
    Ok(SnapshotReport {
        database: context.settings.database.clone(),
        environment: context.settings.environment.clone(),
        left_out: left_out.map(|(key, reason)| format!("{key}: {reason}")).collect(),
        dialect: database.dialect,
        objects,
        checksum: hex::encode(Sha256::digest(&json)),
        sql: written.map(|written| written.sql),
        json,
    })
}
