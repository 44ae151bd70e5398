//! Reading the trail, in the database or in a sink.

use jiff::Timestamp;
use serde::Serialize;

use super::SinkSettings;
use super::reader::Reader;
use super::ship::BATCH;
use crate::audit::{AuditAction, AuditEvent, AuditSink, Head, Sealed};
use crate::diagnostic::Diagnostic;
use crate::driver::{ChainFilter, Session};
use crate::error::{DriverError, ErrorKind, Operation};
use crate::project::{Context, ExitClass, Failed};

/// Which events. What is none is not asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct LogFilter {
    /// Only of this environment.
    pub environment: Option<String>,
    /// Only from then on.
    pub since: Option<Timestamp>,
    /// Only before then.
    pub until: Option<Timestamp>,
    /// Only of somebody with this user or login.
    pub actor: Option<String>,
    /// Only these actions; all where it is empty.
    pub actions: Vec<AuditAction>,
    /// Only about this migration.
    pub migration: Option<String>,
    /// Only those behind this place in the chain; for following.
    pub after: u64,
    /// Only the newest so many of those.
    pub limit: Option<usize>,
}

impl LogFilter {
    /// Whether an event is asked for. The place in the chain and the limit are for who reads.
    pub fn takes(&self, event: &AuditEvent) -> bool {
        let at: Option<Timestamp> = event.at.parse().ok();
        let is =
            |wanted: &Option<String>, found: &str| wanted.as_deref().is_none_or(|wanted| wanted == found);
        is(&self.environment, &event.environment)
            && is(&self.migration, event.migration.as_deref().unwrap_or_default())
            && (is(&self.actor, &event.actor.user) || is(&self.actor, &event.actor.login))
            && (self.actions.is_empty() || self.actions.contains(&event.action))
            && self.since.is_none_or(|since| at.is_some_and(|at| at >= since))
            && self.until.is_none_or(|until| at.is_some_and(|at| at < until))
    }
}

/// What to read.
#[derive(Debug, Clone, Default)]
pub struct LogRequest {
    /// Which events.
    pub filter: LogFilter,
    /// The sink to read from; the database itself where none is said.
    pub from: Option<SinkSettings>,
    /// The chain to read of that sink; the one that the database keeps now where none is said.
    pub chain: Option<String>,
}

/// An event that was read. Nothing was checked beyond that it is an event; `verify` does that.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct LoggedEvent {
    /// The event.
    #[serde(flatten)]
    pub event: AuditEvent,
    /// Its digest as it is kept.
    pub digest: String,
    /// Its signature as it is kept.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signature: Option<String>,
    /// Its canonical text as it is kept: what the digest is over.
    #[serde(skip)]
    pub text: String,
}

/// What stands where an event should be and is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct UnreadableEvent {
    /// Its place, as the table's key or the order says.
    pub sequence: u64,
    /// What is wrong with it.
    pub problem: String,
    /// As it is kept.
    #[serde(skip)]
    pub sealed: Sealed,
}

/// What was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Log {
    /// Where the chain ends there, as the place tells it itself; none where there is no chain.
    pub head: Option<Head>,
    /// The events that were asked for, oldest first.
    pub events: Vec<LoggedEvent>,
    /// What is no event, whatever was asked for: nobody can tell what it was.
    pub unreadable: Vec<UnreadableEvent>,
}

impl Log {
    /// All that was read, as it is kept and in order.
    pub fn sealed(&self) -> Vec<Sealed> {
        let readable = self
            .events
            .iter()
            .map(|logged| (logged.event.sequence, logged.sealed()));
        let unreadable = self
            .unreadable
            .iter()
            .map(|found| (found.sequence, found.sealed.clone()));
        let mut all: Vec<(u64, Sealed)> = readable.chain(unreadable).collect();
        all.sort_by_key(|(sequence, _)| *sequence);
        all.into_iter().map(|(_, sealed)| sealed).collect()
    }

    pub(super) fn take(&mut self, (sequence, sealed): (u64, Sealed), filter: &LogFilter) {
        match serde_json::from_str::<AuditEvent>(&sealed.text) {
            Ok(event) if filter.takes(&event) => self.events.push(LoggedEvent {
                event,
                digest: sealed.digest,
                signature: sealed.signature,
                text: sealed.text,
            }),
            Ok(_) => {}
            Err(error) => self.unreadable.push(UnreadableEvent {
                sequence,
                problem: error.to_string(),
                sealed,
            }),
        }
    }
}

impl LoggedEvent {
    fn sealed(&self) -> Sealed {
        Sealed {
            text: self.text.clone(),
            digest: self.digest.clone(),
            signature: self.signature.clone(),
        }
    }
}

/// Reads events, oldest first. From a sink also where the database is away.
pub async fn log(context: &Context<'_>, request: &LogRequest) -> Result<Log, Failed> {
    let mut reader = Reader::open(context, request).await?;
    let log = reader.read(&request.filter).await;
    reader.close().await;
    log
}

/// Events of the database's own chain, each with its key.
pub(super) async fn from_target(
    session: &mut dyn Session,
    after: u64,
) -> Result<Vec<(u64, Sealed)>, DriverError> {
    let filter = ChainFilter {
        after,
        limit: BATCH,
        unsigned: false,
    };
    let rows = session.chain(&filter).await?;
    Ok(rows
        .into_iter()
        .map(|row| (row.sequence, Sealed::from(row)))
        .collect())
}

/// Events of a sink, each with the place that it tells itself; one that tells none counts as the next.
pub(super) async fn from_sink(
    sink: &mut dyn AuditSink,
    database_id: &str,
    after: u64,
) -> Result<Vec<(u64, Sealed)>, DriverError> {
    let sealed = sink.read(database_id, after, BATCH as usize).await?;
    let mut last = after;
    Ok(sealed
        .into_iter()
        .map(|sealed| {
            let event: Option<AuditEvent> = serde_json::from_str(&sealed.text).ok();
            last = event.map_or(last + 1, |event| event.sequence);
            (last, sealed)
        })
        .collect())
}

pub(super) fn unavailable(settings: &SinkSettings, error: &DriverError) -> Failed {
    let name = &settings.target.name;
    if error.kind == ErrorKind::Unsupported && error.operation == Operation::Record {
        let problem = Diagnostic::error("DBVC8024", format!("the sink {name} cannot do that"));
        return Failed::one(
            ExitClass::Usage,
            problem
                .note(error.to_string())
                .help("name a sink that keeps documents (Cosmos DB, PostgreSQL, SQLite), a file, or `git`"),
        );
    }
    let mut diagnostic = Diagnostic::error(
        "DBVC8002",
        format!("the audit trail's sink {name} cannot be read"),
    )
    .note(error.to_string());
    diagnostic.notes.extend(error.notes.iter().cloned());
    Failed::one(ExitClass::AuditUnavailable, diagnostic)
}
