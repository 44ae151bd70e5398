//! The record: what was run on this database, kept in the database.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::{
    ChainFilter, ChainHead, ChainRow, Draft, Fence, Holder, InRun, NewChain, NewSnapshot, RecordView,
    Registered, Snapshot, SnapshotChoice, SnapshotEntry,
};
use crate::error::{DriverError, Operation, Result};

/// The record's layout that this version of dbvc writes. Older layouts are upgraded by
/// [`HistoryStore::install`]; a newer one is refused.
pub const LAYOUT: u32 = 4;

/// What a run did with a migration.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Action {
    /// Applied it.
    Migrate,
    /// Undid it.
    Rollback,
    /// Declared it present without running it.
    Baseline,
    /// Corrected the record.
    Fix,
}

/// How an execution stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum EntryStatus {
    /// Begun, and not ended as far as the record knows.
    Started,
    /// Ended well.
    Completed,
    /// Ended badly.
    Failed,
}

/// How a migration stands in this database.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum AppliedState {
    /// It is in the schema.
    Applied,
    /// It was declared present by a baseline.
    Baseline,
    /// Some of its statements, outside a transaction, took effect; the rest did not.
    Partial,
    /// It was tried and rolled back; nothing of it is in the schema.
    Failed,
    /// It was applied once and undone.
    RolledBack,
    /// A repeatable migration that ran before the latest rollback, which may have dropped what it made; it runs again.
    Stale,
}

impl AppliedState {
    /// Whether the migration is in the schema as a whole.
    pub fn is_present(self) -> bool {
        matches!(self, Self::Applied | Self::Baseline | Self::Stale)
    }
}

/// Who runs dbvc.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Actor {
    /// The person's or service's name on the machine.
    pub user: String,
    /// The machine.
    pub host: String,
    /// The CI job's address or name, where there is one.
    pub ci_job: Option<String>,
    /// The commit that the files are of, where that is known. Only the audit trail keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_commit: Option<String>,
    /// The branch. Only the audit trail keeps it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub git_branch: Option<String>,
}

/// A migration as the record's current state has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Applied {
    /// The migration's key: `1.1.0`, `R__views`.
    pub migration: String,
    /// The version of a versioned migration.
    pub version: Option<String>,
    /// Its description.
    pub description: String,
    /// `versioned`, `repeatable` or `baseline`.
    pub kind: String,
    /// The file's name.
    pub script: String,
    /// The checksum of what ran, with its algorithm.
    pub checksum: String,
    /// How it stands.
    pub state: AppliedState,
    /// What was done last.
    pub action: Action,
    /// The execution that made it so.
    pub rank: u64,
    /// When, by the server's clock.
    pub at: Timestamp,
    /// The database login that did it.
    pub by: String,
    /// How long it took.
    pub duration: Duration,
    /// Statements that took effect, of those outside a transaction.
    pub statements_done: u32,
    /// The digest of those statements, chained.
    pub progress: Option<String>,
    /// The statement that was under way, for [`AppliedState::Partial`].
    pub in_flight: Option<String>,
    /// The server's name for the session that ran it, for [`AppliedState::Partial`].
    pub session: Option<String>,
}

/// What is about to be run, for the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NewExecution {
    /// The run that this belongs to.
    pub run: Uuid,
    /// What is done.
    pub action: Action,
    /// The migration's key.
    pub migration: String,
    /// The version of a versioned migration.
    pub version: Option<String>,
    /// Its description.
    pub description: String,
    /// `versioned`, `repeatable` or `baseline`.
    pub kind: String,
    /// The name of the file that runs.
    pub script: String,
    /// The migration's checksum (also when its undo script runs).
    pub checksum: String,
    /// Texts to keep in the registry.
    pub registration: Option<Registration>,
    /// Statements in the script.
    pub statements: u32,
    /// Whether it runs as one transaction.
    pub transactional: bool,
    /// Who runs it.
    pub actor: Actor,
    /// The environment's name.
    pub environment: String,
    /// Why, as the person said.
    pub reason: Option<String>,
    /// dbvc's version.
    pub tool_version: String,
    /// Its place in a run, for the audit trail; none for what is no step of a plan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub in_run: Option<InRun>,
}

/// A migration's texts, as the registry keeps them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// The script that applies it; none when it is too large to keep (its checksum is always kept).
    pub up_script: Option<String>,
    /// The script that undoes it.
    pub down_script: Option<String>,
}

/// How far a script outside a transaction has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Progress {
    /// Statements that completed.
    pub done: u32,
    /// The chained digest of those statements.
    pub digest: String,
    /// The statement that comes next.
    pub in_flight: Option<String>,
}

/// How an execution ends.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct End {
    /// Well or badly.
    pub status: EntryStatus,
    /// Statements that took effect.
    pub statements_done: u32,
    /// How long it took; by the server's clock when this is none.
    pub duration: Option<Duration>,
    /// The error, as people saw it.
    pub error: Option<String>,
    /// How the migration stands from now on; none when that does not change.
    pub state: Option<AppliedState>,
    /// The kind of error, for the audit trail, which keeps no words.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub error_class: Option<String>,
    /// What ends, for the audit trail, where the call itself does not say it: [`HistoryStore::finish`] knows a number.
    /// Without it the trail tells nothing of the end.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub of: Option<Box<NewExecution>>,
}

/// One entry of the history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Execution {
    /// Its place in the history, from 1.
    pub rank: u64,
    /// The run it belongs to.
    pub run: Uuid,
    /// What was done.
    pub action: Action,
    /// How it ended.
    pub status: EntryStatus,
    /// The migration's key.
    pub migration: String,
    /// Its description.
    pub description: String,
    /// The name of the file that ran.
    pub script: String,
    /// The migration's checksum.
    pub checksum: String,
    /// When it began, by the server's clock.
    pub started_at: Timestamp,
    /// When it ended.
    pub finished_at: Option<Timestamp>,
    /// How long it took; whole milliseconds where it is written, as in the record.
    #[serde(rename = "duration_ms", with = "milliseconds")]
    pub duration: Option<Duration>,
    /// Statements in the script.
    pub statements: u32,
    /// Statements that took effect.
    pub statements_done: u32,
    /// The database login.
    pub login: String,
    /// Who ran dbvc.
    pub actor: Actor,
    /// The environment's name.
    pub environment: String,
    /// Why.
    pub reason: Option<String>,
    /// The error.
    pub error: Option<String>,
    /// dbvc's version.
    pub tool_version: String,
}

mod milliseconds {
    use super::Duration;
    use serde::{Deserialize as _, Deserializer, Serialize as _, Serializer};

    #[allow(clippy::ref_option, reason = "serde calls it so")]
    pub(super) fn serialize<S: Serializer>(duration: &Option<Duration>, out: S) -> Result<S::Ok, S::Error> {
        duration.map(|duration| duration.as_millis()).serialize(out)
    }

    pub(super) fn deserialize<'a, D: Deserializer<'a>>(from: D) -> Result<Option<Duration>, D::Error> {
        Ok(Option::<u64>::deserialize(from)?.map(Duration::from_millis))
    }
}

/// Which part of the history to read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ExecutionFilter {
    /// Only this migration.
    pub migration: Option<String>,
    /// Only the newest so many; all when none.
    pub limit: Option<u32>,
}

/// The layout found in the database.
pub type LayoutVersion = u32;

/// All that a run must know of a database before it plans, read in one round trip.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Survey {
    /// The record's layout; none when there is no record yet.
    pub layout: Option<LayoutVersion>,
    /// How each migration stands, in order of rank.
    pub applied: Vec<Applied>,
    /// Who holds the lock.
    pub holder: Option<Holder>,
    /// The number of the newest snapshot of the schema; none where none is kept.
    pub snapshot: Option<u64>,
    /// Whether the audit trail has its head; none where the record has no trail yet, or this login may not read it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trail: Option<bool>,
}

/// The part of a session that keeps the record. Whenever a migration becomes [`AppliedState::RolledBack`], every
/// repeatable one that is applied becomes [`AppliedState::Stale`] with it. Writes join the open transaction, if there is one, and are refused
/// with [`crate::error::ErrorKind::LockLost`] when the fence is stale.
#[async_trait]
pub trait HistoryStore: Send {
    /// Reads everything that planning needs. Writes nothing and needs no rights beyond reading.
    async fn survey(&mut self) -> Result<Survey>;
    /// Creates the record's tables and views, or upgrades an older layout. Idempotent, also when two race.
    async fn install(&mut self, identity: &Identity) -> Result<()>;
    /// The history, newest last.
    async fn executions(&mut self, filter: &ExecutionFilter) -> Result<Vec<Execution>>;
    /// The texts that the registry keeps of a migration.
    async fn registration(&mut self, migration: &str) -> Result<Option<Registration>>;
    /// Writes the intent to run a script outside a transaction; the migration stands as
    /// [`AppliedState::Partial`] from here on. Returns the rank.
    async fn start(&mut self, fence: &Fence, execution: &NewExecution, progress: &Progress) -> Result<u64>;
    /// Writes how far it has come.
    async fn advance(&mut self, fence: &Fence, rank: u64, progress: &Progress) -> Result<()>;
    /// Writes how it ended.
    async fn finish(&mut self, fence: &Fence, rank: u64, end: &End) -> Result<()>;
    /// Writes an entry that begins and ends at once.
    async fn record(&mut self, fence: &Fence, execution: &NewExecution, end: &End) -> Result<()>;
    /// Keeps a snapshot of the schema and returns its number. One that a run took replaces the one before it.
    async fn keep_snapshot(&mut self, fence: &Fence, snapshot: &NewSnapshot) -> Result<u64>;
    /// The snapshots that are kept, newest last. Only of a record that has the layout [`LAYOUT`].
    async fn snapshots(&mut self) -> Result<Vec<SnapshotEntry>>;
    /// One snapshot with its content. Only of a record that has the layout [`LAYOUT`].
    async fn snapshot(&mut self, choice: &SnapshotChoice) -> Result<Option<Snapshot>>;
    /// Appends events to the chain, all or none, in order.
    async fn append(&mut self, fence: &Fence, events: &[Draft]) -> Result<()> {
        let _ = (fence, events);
        Err(no_chain())
    }
    /// The newest event of the chain; none where the record is older than the chain, or is not there.
    async fn chain_head(&mut self) -> Result<Option<ChainHead>> {
        Ok(None)
    }
    /// Events of the chain, in the order of their places. Only of a record that has the layout [`LAYOUT`].
    async fn chain(&mut self, filter: &ChainFilter) -> Result<Vec<ChainRow>> {
        let _ = filter;
        Err(no_chain())
    }
    /// All that the registry keeps, by key.
    async fn registry(&mut self) -> Result<Vec<Registered>> {
        Err(no_chain())
    }
    /// All that the record keeps, as one consistent view where the database has such: a run that goes on meanwhile is in
    /// it wholly up to a moment and not at all after that. What is missing or unreadable is told in the answer.
    async fn record_view(&mut self) -> Result<RecordView> {
        let all = ChainFilter {
            limit: u32::MAX,
            ..ChainFilter::default()
        };
        let survey = self.survey().await?;
        Ok(RecordView {
            layout: survey.layout,
            applied: survey.applied,
            head: self.chain_head().await?,
            events: self.chain(&all).await?,
            executions: self.executions(&ExecutionFilter::default()).await?,
            registry: self.registry().await?,
            snapshots: self.snapshots().await?,
            ..RecordView::default()
        })
    }
    /// The newest event that has a signature.
    async fn last_signed(&mut self) -> Result<Option<ChainRow>> {
        Err(no_chain())
    }
    /// Puts a new chain in the place of the one that the record keeps, whose events are gone from the record after that.
    async fn begin_chain(&mut self, fence: &Fence, chain: &NewChain) -> Result<()> {
        let _ = (fence, chain);
        Err(no_chain())
    }
    /// Writes signatures beside events, by their places. One that has a signature keeps it.
    async fn sign(&mut self, fence: &Fence, signatures: &[(u64, String)]) -> Result<()> {
        let _ = (fence, signatures);
        Err(no_chain())
    }
}

fn no_chain() -> DriverError {
    DriverError::unsupported(Operation::Record, "this adapter keeps no audit trail")
}

/// What the record says of the database itself (table `db_inventory`).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Identity {
    /// The database's name in the project.
    pub database: String,
    /// The environment's name.
    pub environment: String,
    /// dbvc's version.
    pub tool_version: String,
}
