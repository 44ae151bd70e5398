//! Copies of the registry and of the snapshots, for sinks that keep documents.

use serde_json::{Map, Value};

use crate::audit::{AuditSink, Container, Document};
use crate::driver::{Registered, Session, SnapshotChoice};
use crate::error::DriverError;

/// Documents that are handed to a sink at once.
const BATCH: usize = 100;

/// Copies what the sink does not keep so yet, and says how many documents that were. The sink is asked only for what
/// it has, by id and digest: what is there is not read again.
pub(super) async fn copy(
    session: &mut dyn Session,
    database_id: &str,
    sink: &mut dyn AuditSink,
) -> Result<u64, DriverError> {
    let registry = registry(session, database_id, sink).await?;
    Ok(registry + snapshots(session, database_id, sink).await?)
}

async fn registry(
    session: &mut dyn Session,
    database_id: &str,
    sink: &mut dyn AuditSink,
) -> Result<u64, DriverError> {
    let there = sink.kept(database_id, Container::Migrations).await?;
    let rows = session.registry().await?;
    let new: Vec<Document> = rows
        .iter()
        .map(|migration| registered(database_id, migration))
        .filter(|document| there.get(&document.id) != Some(&document.digest()))
        .collect();
    for part in new.chunks(BATCH) {
        sink.keep(Container::Migrations, part).await?;
    }
    Ok(new.len() as u64)
}

/// Every snapshot of the record that the sink lacks, one at a time: each may have megabytes. A snapshot never changes,
/// so its id is enough.
async fn snapshots(
    session: &mut dyn Session,
    database_id: &str,
    sink: &mut dyn AuditSink,
) -> Result<u64, DriverError> {
    let there = sink.kept(database_id, Container::SchemaSnapshots).await?;
    let mut copied = 0;
    for entry in session.snapshots().await? {
        let id = snapshot_id(entry.id);
        if there.contains_key(&id) {
            continue;
        }
        // A run's own snapshot is replaced by the next run's, which may be now.
        let Some(snapshot) = session.snapshot(&SnapshotChoice::Number(entry.id)).await? else {
            continue;
        };
        let document = document(database_id, &id, &snapshot);
        sink.keep(Container::SchemaSnapshots, &[document]).await?;
        copied += 1;
    }
    Ok(copied)
}

/// The name of a snapshot's copy.
pub(super) fn snapshot_id(number: u64) -> String {
    format!("snapshot-{number}")
}

/// The copy of a row of the registry.
pub(super) fn registered(database_id: &str, row: &Registered) -> Document {
    document(database_id, &row.migration, row)
}

fn document(database_id: &str, id: &str, content: &impl serde::Serialize) -> Document {
    let content = match serde_json::to_value(content) {
        Ok(Value::Object(content)) => content,
        _ => Map::new(),
    };
    Document {
        id: id.to_owned(),
        database_id: database_id.to_owned(),
        content,
    }
}
