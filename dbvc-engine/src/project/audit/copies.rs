//! The copies of the registry and of the snapshots that a sink keeps: they must be what the database keeps.

use std::collections::BTreeMap;

use serde_json::Value;

use super::documents;
use super::snapshots::told_checksums;
use crate::audit::{AuditSink, Container, Document, Finding, FindingKind, Sealed};
use crate::driver::{RecordView, Snapshot, SnapshotEntry};
use crate::error::{DriverError, ErrorKind};
use crate::project::expected::checksum;

/// What a sink keeps beside the events. Of snapshots only what is known of them: their contents may be large.
#[derive(Debug, Default)]
pub(super) struct Copies {
    /// Whether the sink keeps any.
    kept: bool,
    registry: BTreeMap<String, Document>,
    snapshots: BTreeMap<u64, SnapshotEntry>,
    /// What is wrong with a copy, whatever the database says.
    findings: Vec<(FindingKind, String)>,
}

impl Copies {
    /// Reads them; snapshots one by one.
    pub(super) async fn read(sink: &mut dyn AuditSink, chain: &str) -> Result<Self, DriverError> {
        let mut copies = Self {
            kept: sink.keeps_documents(),
            ..Self::default()
        };
        if !copies.kept {
            return Ok(copies);
        }
        match sink.documents(chain, Container::Migrations, None).await {
            Ok(documents) => {
                let by_id = documents
                    .into_iter()
                    .map(|document| (document.id.clone(), document));
                copies.registry = by_id.collect();
            }
            Err(error) => copies.unreadable(error)?,
        }
        let ids = sink.kept(chain, Container::SchemaSnapshots).await?;
        for id in ids.keys() {
            match sink.documents(chain, Container::SchemaSnapshots, Some(id)).await {
                Ok(documents) => documents.into_iter().for_each(|document| copies.take(document)),
                Err(error) => copies.unreadable(error)?,
            }
        }
        Ok(copies)
    }

    /// One document that is none hides nothing else.
    fn unreadable(&mut self, error: DriverError) -> Result<(), DriverError> {
        if error.kind != ErrorKind::Protocol {
            return Err(error);
        }
        self.findings.push((FindingKind::Unreadable, error.message));
        Ok(())
    }

    fn take(&mut self, document: Document) {
        let id = document.id;
        let snapshot: Snapshot = match serde_json::from_value(Value::Object(document.content)) {
            Ok(snapshot) => snapshot,
            Err(error) => {
                let message = format!("the copy {id} cannot be read: {error}");
                self.findings.push((FindingKind::Unreadable, message));
                return;
            }
        };
        if checksum(&snapshot.content) != snapshot.entry.checksum {
            let message =
                format!("the content of the copy {id} does not fit its checksum: somebody edited it");
            self.findings.push((FindingKind::Edited, message));
        }
        if documents::snapshot_id(snapshot.entry.id) != id {
            let message = format!("the copy {id} says that it is snapshot {}", snapshot.entry.id);
            self.findings.push((FindingKind::Misplaced, message));
        }
        self.snapshots.insert(snapshot.entry.id, snapshot.entry);
    }

    /// How they differ from what the database keeps and tells. `whole`: the sink has all events, so that it should have
    /// all copies, too.
    pub(super) fn against(
        self,
        place: &str,
        view: &RecordView,
        events: &[(u64, Sealed)],
        whole: bool,
    ) -> Vec<Finding> {
        if !self.kept {
            return Vec::new();
        }
        let mut found = self.registry_differs(view, whole);
        found.extend(self.snapshots_differ(view, events, whole));
        found.extend(self.findings);
        let finding = |(kind, message)| Finding {
            place: place.to_owned(),
            sequence: None,
            kind,
            message,
            differences: Vec::new(),
        };
        found.into_iter().map(finding).collect()
    }

    fn registry_differs(&self, view: &RecordView, whole: bool) -> Vec<(FindingKind, String)> {
        let mut found = Vec::new();
        // What a sink lacks events of, it has an older copy of.
        if !whole || view.lost.iter().any(|table| table == "migration_registry") {
            return found;
        }
        for row in &view.registry {
            let key = &row.migration;
            let ours = documents::registered("", row);
            match self.registry.get(key) {
                None => found.push((FindingKind::Behind, lacks(&format!("migration {key}")))),
                Some(theirs) if theirs.content != ours.content => {
                    let names = differing(&ours, theirs).join(", ");
                    let message = format!("the copy of migration {key} differs from the database in {names}");
                    found.push((FindingKind::Differs, message));
                }
                Some(_) => {}
            }
        }
        for key in self.registry.keys() {
            if !view.registry.iter().any(|row| row.migration == *key) {
                let message = format!("there is a copy of migration {key}, which the database does not have");
                found.push((FindingKind::Differs, message));
            }
        }
        found
    }

    fn snapshots_differ(
        &self,
        view: &RecordView,
        events: &[(u64, Sealed)],
        whole: bool,
    ) -> Vec<(FindingKind, String)> {
        let mut found = Vec::new();
        let told = told_checksums(events);
        for (id, entry) in &self.snapshots {
            let row = view.snapshots.iter().find(|row| row.id == *id);
            let differs = match (row, told.get(id)) {
                (Some(row), _) => row != entry,
                // A run's own snapshot is replaced by the next one's, and its copy is kept.
                (None, Some(told)) => *told != entry.checksum,
                (None, None) => true,
            };
            if differs {
                let message = format!("the copy of snapshot {id} is not what the database tells of it");
                found.push((FindingKind::Differs, message));
            }
        }
        for row in view.snapshots.iter().filter(|_| whole) {
            if !self.snapshots.contains_key(&row.id) {
                found.push((FindingKind::Behind, lacks(&format!("snapshot {}", row.id))));
            }
        }
        found
    }
}

fn lacks(what: &str) -> String {
    format!("there is no copy of {what}: it is yet to be made (`dbvc audit flush`), or was deleted there")
}

/// The names of what is not the same in both.
fn differing(ours: &Document, theirs: &Document) -> Vec<String> {
    let names = ours.content.keys().chain(theirs.content.keys());
    let mut differing: Vec<String> = names
        .filter(|name| ours.content.get(*name) != theirs.content.get(*name))
        .map(|name| format!("`{name}`"))
        .collect();
    differing.sort();
    differing.dedup();
    differing
}
