//! Snapshots of the schema that the record keeps: what the database is expected to be.

use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Actor;

/// Why a snapshot was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum SnapshotKind {
    /// Somebody declared that this is what the database should be.
    Baseline,
    /// The schema of a version.
    Version,
    /// Somebody looked at what was changed past dbvc, and accepted it.
    Approved,
    /// dbvc itself took it after a run; only the newest of these is kept.
    Run,
}

/// A snapshot that is to be kept. Its number in the history and its time are the database's to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewSnapshot {
    /// The run that takes it.
    pub run: Uuid,
    /// Why.
    pub kind: SnapshotKind,
    /// The version that the schema has, as the person or the history says.
    pub version: Option<String>,
    /// SHA-256 of the content.
    pub checksum: String,
    /// The schema as canonical JSON.
    pub content: String,
    /// Who runs dbvc.
    pub actor: Actor,
    /// The environment's name.
    pub environment: String,
    /// Why, as the person said.
    pub reason: Option<String>,
    /// dbvc's version.
    pub tool_version: String,
}

/// A snapshot that the record keeps, without its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SnapshotEntry {
    /// Its number; a later one is larger.
    pub id: u64,
    /// Why it was taken.
    pub kind: SnapshotKind,
    /// The version that the schema had.
    pub version: Option<String>,
    /// When, by the server's clock.
    pub taken_at: Timestamp,
    /// The database login.
    pub login: String,
    /// Who ran dbvc.
    pub actor: Actor,
    /// The environment's name.
    pub environment: String,
    /// Why, as the person said.
    pub reason: Option<String>,
    /// SHA-256 of the content.
    pub checksum: String,
    /// The newest execution in the history then; 0 when there was none.
    pub rank: u64,
}

/// A snapshot with its content.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// What is known of it.
    pub entry: SnapshotEntry,
    /// The schema as canonical JSON.
    pub content: String,
}

/// Which snapshot is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SnapshotChoice {
    /// The newest.
    Newest,
    /// The newest of this version.
    Version(String),
    /// The one with this number.
    Number(u64),
}
