//! Where events are shipped to.

use std::collections::BTreeMap;
use std::fmt::Debug;
use std::time::Duration;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{AuditAction, AuditEvent, Finding, Sealed};
use crate::driver::{Secret, TargetError};
use crate::error::{DriverError, Operation, Result};

/// Who a kind of sink is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct AuditDriverInfo {
    /// The name in messages, such as `cosmos`.
    pub name: &'static str,
    /// The name people read, such as `Azure Cosmos DB`.
    pub title: &'static str,
    /// URL schemes, the preferred one first.
    pub schemes: &'static [&'static str],
    /// A URL to learn from.
    pub example_url: &'static str,
}

/// One sink as the project describes it.
#[derive(Debug, Clone)]
pub struct SinkTarget {
    /// Its name in the project.
    pub name: String,
    /// Where it is; may hold a key.
    pub url: Secret,
    /// Its further settings, by their names in the project's file.
    pub options: BTreeMap<String, Secret>,
}

/// A kind of sink. Stateless; one value per process.
#[async_trait]
pub trait AuditDriver: Debug + Send + Sync + 'static {
    /// Who this is.
    fn info(&self) -> &AuditDriverInfo;
    /// Whether it answers to this text: a URL with one of its schemes, or another way in which such places are written.
    fn answers_to(&self, url: &str) -> bool {
        let scheme = url.split_once(':').map_or("", |(scheme, _)| scheme);
        let mut schemes = self.info().schemes.iter();
        schemes.any(|known| known.eq_ignore_ascii_case(scheme))
    }
    /// Variables that the process must have been started with, because a library reads them and nothing else: a program
    /// that lacks one starts itself again with it. [`open`](Self::open) refuses to go on without them.
    fn environment(&self, target: &SinkTarget) -> &[(&'static str, &'static str)] {
        let _ = target;
        &[]
    }
    /// How long one call may take by the sink's own settings, trying again where it is busy; none where they say nothing.
    /// Whoever waits for it waits as long at least.
    fn patience(&self, target: &SinkTarget) -> Option<Duration> {
        let _ = target;
        None
    }
    /// Checks a sink's URL and options without connecting; the message names the part that is wrong.
    fn check(&self, target: &SinkTarget) -> Result<(), TargetError>;
    /// Opens it. What must exist and does not is an error that names `dbvc init --infrastructure`; a sink that needs no
    /// rights of its own (a file, a table) makes what it needs.
    async fn open(&self, target: &SinkTarget) -> Result<Box<dyn AuditSink>>;
    /// Makes what the sink needs, as far as it is not there, and says what was made.
    async fn provision(&self, target: &SinkTarget) -> Result<Provisioned> {
        let sink = self.open(target).await?;
        sink.close().await?;
        Ok(Provisioned::default())
    }
}

/// What [`AuditDriver::provision`] found and made.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Provisioned {
    /// Made now, as people call it: `container change-events`.
    pub made: Vec<String>,
    /// There before.
    pub found: Vec<String>,
}

/// The end of a chain.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Head {
    /// The chain.
    pub database_id: String,
    /// The newest event's place; 0 for a chain without events.
    pub sequence: u64,
    /// Its digest; [`super::GENESIS`] for a chain without events.
    pub digest: String,
}

/// A chain that a sink keeps, as its first event tells.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct KnownChain {
    /// The chain.
    pub database_id: String,
    /// The database's name in the project when the chain began; empty where the first event does not tell.
    pub database: String,
    /// The environment's name then.
    pub environment: String,
}

impl KnownChain {
    /// What the first event of a chain that is kept tells, given in its canonical text.
    pub fn of(database_id: &str, first: &str) -> Self {
        let event: Option<AuditEvent> = serde_json::from_str(first).ok();
        let begun = event
            .as_ref()
            .filter(|event| event.action == AuditAction::ChainStarted);
        Self {
            database_id: database_id.to_owned(),
            database: begun
                .and_then(|event| event.details.get("database").cloned())
                .unwrap_or_default(),
            environment: event.map(|event| event.environment).unwrap_or_default(),
        }
    }

    /// Whether it tells of the database and environment of these names.
    pub fn is_of(&self, database: &str, environment: &str) -> bool {
        self.database == database && self.environment == environment
    }
}

/// What became of events that were appended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct Appended {
    /// Written now.
    pub new: u64,
    /// Were there before, with the same digest.
    pub known: u64,
}

/// What is kept beside the events.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Container {
    /// The schema's snapshots.
    SchemaSnapshots,
    /// A copy of the registry.
    Migrations,
    /// Heads of chains, kept as witnesses.
    Anchors,
}

impl Container {
    /// Its name, as sinks write it.
    pub fn name(self) -> &'static str {
        match self {
            Self::SchemaSnapshots => "schema-snapshots",
            Self::Migrations => "migrations",
            Self::Anchors => "anchors",
        }
    }
}

/// A document of such a container. A later one with the same id replaces it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Document {
    /// Unique in its database.
    pub id: String,
    /// The chain, which is the partition.
    pub database_id: String,
    /// The document without these two.
    pub content: serde_json::Map<String, serde_json::Value>,
}

impl Document {
    /// A document as a sink keeps it, its content as text. [`crate::error::ErrorKind::Protocol`] where that is none.
    pub fn read(id: String, database_id: &str, content: &str) -> Result<Self> {
        let content =
            serde_json::from_str(content).map_err(|error| Self::unreadable(&id, &error.to_string()))?;
        Ok(Self {
            id,
            database_id: database_id.to_owned(),
            content,
        })
    }

    /// The error for one that is kept and is none any more.
    pub fn unreadable(id: &str, why: &str) -> DriverError {
        let message = format!("the document {id} cannot be read: {why}");
        DriverError::new(crate::error::ErrorKind::Protocol, Operation::Record, message)
    }

    /// The SHA-256 of its content as JSON, which is what sinks keep: equal documents have equal ones.
    pub fn digest(&self) -> String {
        super::digest(&self.text())
    }

    /// Its content as JSON.
    pub fn text(&self) -> String {
        serde_json::Value::Object(self.content.clone()).to_string()
    }
}

/// An open sink. Two processes may have the same one open.
#[async_trait]
pub trait AuditSink: Debug + Send {
    /// Appends events of one chain, in order. Durable when it returns, and idempotent by the event's id: an event that
    /// is there with the same digest counts as known. One that is there with another digest is
    /// [`crate::error::ErrorKind::Conflict`], named with both digests; nothing is ever written over. After an error a
    /// first part may have been written, never one with a gap before it.
    async fn append(&mut self, events: &[Sealed]) -> Result<Appended>;
    /// The newest event of a chain; none where the sink has none.
    async fn head(&mut self, database_id: &str) -> Result<Option<Head>>;
    /// The chains that are kept here, whatever database they are of, by their names.
    async fn chains(&mut self) -> Result<Vec<KnownChain>>;
    /// Events of a chain in order, behind `after`, at most `limit`. As they are kept: nothing is checked. What is kept
    /// beside an event and does not say the same, or is no event at all, is no error: [`Self::remarks`] tells it.
    async fn read(&mut self, database_id: &str, after: u64, limit: usize) -> Result<Vec<Sealed>>;
    /// What reading came across that [`Self::read`] has no place for, since this was asked last. The findings' `place` is
    /// empty: the sink does not know its name in the project.
    fn remarks(&mut self) -> Vec<Finding> {
        Vec::new()
    }
    /// Keeps documents, all of one container.
    async fn keep(&mut self, container: Container, documents: &[Document]) -> Result<()> {
        let _ = (container, documents);
        Err(DriverError::unsupported(
            Operation::Record,
            "this sink keeps events only",
        ))
    }
    /// The documents of a container, by id, or only the one with this id; none where the sink keeps events only.
    async fn documents(
        &mut self,
        database_id: &str,
        container: Container,
        id: Option<&str>,
    ) -> Result<Vec<Document>> {
        let _ = (database_id, container, id);
        Ok(Vec::new())
    }
    /// The digests of the documents of a container, by id, so that nobody needs to read what is there. Empty for a
    /// document whose digest is not known, which is then kept again.
    ///
    /// The default reads them all; a sink overrides it where it can tell without.
    async fn kept(&mut self, database_id: &str, container: Container) -> Result<BTreeMap<String, String>> {
        let documents = self.documents(database_id, container, None).await?;
        let digests = documents.into_iter().map(|document| {
            let digest = document.digest();
            (document.id, digest)
        });
        Ok(digests.collect())
    }
    /// Whether [`keep`](Self::keep) works.
    fn keeps_documents(&self) -> bool {
        false
    }
    /// Closes it.
    async fn close(self: Box<Self>) -> Result<()>;
}

impl From<crate::driver::ChainHead> for Head {
    fn from(head: crate::driver::ChainHead) -> Self {
        Self {
            database_id: head.database_id,
            sequence: head.sequence,
            digest: head.digest,
        }
    }
}
