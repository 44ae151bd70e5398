//! Copies of the registry and of the newest snapshot, for sinks that keep documents.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use crate::audit::{AuditSink, Container, Document};
use crate::driver::{Session, SnapshotChoice};
use crate::error::DriverError;

/// Documents that are handed to a sink at once.
const BATCH: usize = 100;

/// Copies what the sink does not keep so yet, and says how many documents that were.
pub(super) async fn copy(
    session: &mut dyn Session,
    database_id: &str,
    sink: &mut dyn AuditSink,
) -> Result<u64, DriverError> {
    let mut kept = 0;
    for (container, documents) in [
        (Container::Migrations, registry(session, database_id).await?),
        (Container::SchemaSnapshots, newest(session, database_id).await?),
    ] {
        let there: BTreeMap<String, Map<String, Value>> = sink
            .documents(database_id, container)
            .await?
            .into_iter()
            .map(|document| (document.id, document.content))
            .collect();
        let new: Vec<Document> = documents
            .into_iter()
            .filter(|document| there.get(&document.id) != Some(&document.content))
            .collect();
        for part in new.chunks(BATCH) {
            sink.keep(container, part).await?;
        }
        kept += new.len() as u64;
    }
    Ok(kept)
}

async fn registry(session: &mut dyn Session, database_id: &str) -> Result<Vec<Document>, DriverError> {
    let registered = session.registry().await?;
    let documents = registered
        .iter()
        .map(|migration| document(database_id, &migration.migration, migration));
    Ok(documents.collect())
}

async fn newest(session: &mut dyn Session, database_id: &str) -> Result<Vec<Document>, DriverError> {
    let newest = session.snapshot(&SnapshotChoice::Newest).await?;
    let documents = newest
        .iter()
        .map(|snapshot| document(database_id, &format!("snapshot-{}", snapshot.entry.id), snapshot));
    Ok(documents.collect())
}

fn document(database_id: &str, id: &str, content: &impl serde::Serialize) -> Document {
    let content = match serde_json::to_value(content) {
        Ok(Value::Object(content)) => content,
        _ => Map::new(),
    };
    Document {
        // Cosmos refuses these in an id.
        id: id.replace(['/', '\\', '?', '#'], "_"),
        database_id: database_id.to_owned(),
        content,
    }
}
