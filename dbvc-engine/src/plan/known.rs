//! What the database's record says, arranged for planning.

use std::collections::BTreeMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use crate::driver::Applied;
use crate::migration::{MigrationKey, Version};

/// The record of one database, by migration.
#[derive(Debug, Clone, Default)]
pub struct Known {
    /// Each migration that the record mentions.
    pub applied: BTreeMap<MigrationKey, Arc<Applied>>,
    /// Entries whose key this version of dbvc cannot read; never ignored silently.
    pub unreadable: Vec<Applied>,
    /// Digest of it all.
    pub digest: String,
}

impl Known {
    /// Arranges what a survey found ([`crate::driver::Survey::applied`]).
    pub fn new(found: Vec<Applied>) -> Self {
        let mut known = Self {
            digest: history_digest(&found),
            ..Self::default()
        };
        for applied in found {
            match applied.migration.parse::<MigrationKey>() {
                Ok(key) => {
                    known.applied.insert(key, Arc::new(applied));
                }
                Err(_) => known.unreadable.push(applied),
            }
        }
        known
    }

    /// The newest version that is in the schema.
    pub fn current(&self) -> Option<(&Version, &Applied)> {
        self.present().last()
    }

    /// The versioned migrations that are in the schema, oldest version first.
    pub fn present(&self) -> impl DoubleEndedIterator<Item = (&Version, &Applied)> {
        self.applied.iter().filter_map(|(key, applied)| match key {
            MigrationKey::Versioned(version) if applied.state.is_present() => {
                Some((version, applied.as_ref()))
            }
            _ => None,
        })
    }

    /// The newest version that was declared present or whose baseline script ran; migrations up to it need not be
    /// there.
    pub fn baseline(&self) -> Option<&Version> {
        self.present()
            .filter(|(_, applied)| applied.kind == "baseline")
            .map(|(version, _)| version)
            .next_back()
    }
}

/// Digest of how each migration stands. Two equal digests mean that nothing was run in between, no single statement of a
/// broken-off script either: what a dead run sent may have come to its end, with the note of it, since somebody looked.
pub fn history_digest(applied: &[Applied]) -> String {
    let mut hasher = Sha256::new();
    for entry in applied {
        let state = serde_json::to_string(&entry.state).unwrap_or_default();
        let progress = entry.progress.as_deref().unwrap_or_default();
        let numbers = format!("{} {}", entry.rank, entry.statements_done);
        for part in [&entry.migration, &state, &entry.checksum, &numbers, progress] {
            hasher.update(part.len().to_le_bytes());
            hasher.update(part.as_bytes());
        }
    }
    hex::encode(hasher.finalize())
}
