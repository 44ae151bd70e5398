//! The audit trail as the record keeps it: a chain of events, each with the digest of the one before.
//!
//! What the events say is [`crate::audit`]'s; a store only gives each its place and its digest.

use serde::{Deserialize, Serialize};

/// Where a migration stands in its run. The first one takes the run's beginning along into the chain, and the one that
/// ends the run takes its end.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct InRun {
    /// The digest of the plan that is carried out.
    pub plan: String,
    /// Its place in the plan, from 1.
    pub number: u32,
    /// The plan's steps.
    pub of: u32,
    /// Settings and rules that were overridden for this run, as people call them: `--out-of-order`.
    pub overrides: Vec<String>,
}

/// An event that is to be appended: its fields as JSON, without those that only the database knows (its place, its
/// time, the login, the digest of the event before).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft(pub serde_json::Map<String, serde_json::Value>);

/// The newest event of the chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainHead {
    /// The chain's name: the database's id, made when the record was.
    pub database_id: String,
    /// The newest event's place; 0 without one.
    pub sequence: u64,
    /// Its digest.
    pub digest: String,
}

/// An event as it is kept. Nothing of it is checked.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChainRow {
    /// Its place, as the table's key says.
    pub sequence: u64,
    /// Its canonical JSON.
    pub text: String,
    /// The digest that stands beside it.
    pub digest: String,
    /// Its signature.
    pub signature: Option<String>,
}

/// Which events of the chain to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChainFilter {
    /// Only those behind this place.
    pub after: u64,
    /// Only those without a signature.
    pub unsigned: bool,
    /// At most so many, the first ones.
    pub limit: u32,
}

/// A migration as the registry keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Registered {
    /// Its key.
    pub migration: String,
    /// The version of a versioned migration.
    pub version: Option<String>,
    /// Its description.
    pub description: String,
    /// `versioned`, `repeatable` or `baseline`.
    pub kind: String,
    /// The file's name.
    pub script: String,
    /// Its checksum.
    pub checksum: String,
    /// When it was put there, by the server's clock.
    pub registered_at: jiff::Timestamp,
    /// The database login that did it.
    pub registered_by: String,
    /// Its texts.
    pub texts: super::Registration,
}

/// All that the record keeps, as far as it can be read: for whoever checks whether somebody changed it, so nothing that
/// is wrong in it is an error.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct RecordView {
    /// The record's layout; none where nothing says it.
    pub layout: Option<super::LayoutVersion>,
    /// The newest event of the chain; none where it is not there.
    pub head: Option<ChainHead>,
    /// The chain, in the order of places.
    pub events: Vec<ChainRow>,
    /// The history, newest last.
    pub executions: Vec<super::Execution>,
    /// How each migration stands.
    pub applied: Vec<super::Applied>,
    /// What the registry keeps.
    pub registry: Vec<Registered>,
    /// The snapshots without their content, newest last.
    pub snapshots: Vec<super::SnapshotEntry>,
    /// Tables that are not there.
    pub lost: Vec<String>,
    /// Rows and tables that cannot be read, a sentence each.
    pub unreadable: Vec<String>,
}

/// A chain that is begun anew on purpose, in place of the one that the record keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewChain {
    /// Its name.
    pub database_id: String,
    /// Its first event, `chain-started`, which says why.
    pub begins: Draft,
}
