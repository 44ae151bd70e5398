//! Reading the trail, in the database or in a sink.

use jiff::Timestamp;
use serde::Serialize;

use super::SinkSettings;
use super::ship::{BATCH, open};
use crate::audit::{AuditAction, AuditEvent, AuditSink, Sealed};
use crate::driver::{Access, ChainFilter, Session};
use crate::error::DriverError;
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

/// Reads events, oldest first. What is no event is left out: `verify` names it.
pub async fn log(context: &Context<'_>, request: &LogRequest) -> Result<Vec<LoggedEvent>, Failed> {
    let failed = |error: DriverError| Failed::driver(&context.target, &error);
    let mut session = context.connect(Access::ReadOnly).await?;
    let head = session.chain_head().await.map_err(failed)?;
    let Some(head) = head else {
        let _ = session.close().await;
        return Ok(Vec::new());
    };
    let mut sink = match &request.from {
        Some(settings) => Some(
            open(settings)
                .await
                .map_err(|error| unavailable(settings, &error))?,
        ),
        None => None,
    };
    let mut found = Vec::new();
    let mut after = request.filter.after;
    loop {
        let batch = match (&mut sink, &request.from) {
            (Some(sink), Some(settings)) => from_sink(sink.as_mut(), &head.database_id, after)
                .await
                .map_err(|error| unavailable(settings, &error))?,
            _ => from_target(session.as_mut(), after).await.map_err(failed)?,
        };
        let Some((last, _)) = batch.last() else { break };
        after = after.max(*last).max(after + 1);
        found.extend(batch.into_iter().filter_map(|(_, sealed)| logged(sealed)));
    }
    if let Some(sink) = sink {
        let _ = sink.close().await;
    }
    let _ = session.close().await;
    found.retain(|logged| request.filter.takes(&logged.event));
    if let Some(limit) = request.filter.limit {
        found.drain(..found.len().saturating_sub(limit));
    }
    Ok(found)
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

fn logged(sealed: Sealed) -> Option<LoggedEvent> {
    let event = serde_json::from_str(&sealed.text).ok()?;
    Some(LoggedEvent {
        event,
        digest: sealed.digest,
        signature: sealed.signature,
        text: sealed.text,
    })
}

pub(super) fn unavailable(settings: &SinkSettings, error: &DriverError) -> Failed {
    let name = &settings.target.name;
    let mut diagnostic = crate::diagnostic::Diagnostic::error(
        "DBVC8002",
        format!("the audit trail's sink {name} cannot be read"),
    )
    .note(error.to_string());
    diagnostic.notes.extend(error.notes.iter().cloned());
    Failed::one(ExitClass::AuditUnavailable, diagnostic)
}
