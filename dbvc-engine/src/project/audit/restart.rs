//! `audit restart`: a new chain, begun on purpose, for a database that was restored, cloned or made anew.

use serde::Serialize;

use super::SinkSettings;
use super::anchor::no_chain;
use super::chains::{CONTINUES, Chain, REPLACES, strangers, written};
use super::log::unavailable;
use super::patience::{goodbye, open};
use super::sign::sign_all;
use crate::audit::{AuditAction, ChainCheck, Head, Sealed};
use crate::diagnostic::Diagnostic;
use crate::driver::{Access, Fence, LAYOUT, LockAttempt, NewChain, RecordView, Session};
use crate::error::DriverError;
use crate::project::{Context, ExitClass, Failed};

/// What a restart would do.
#[derive(Debug, Clone)]
pub struct RestartRequest {
    /// Where the chain ends that the database keeps now; none where nothing of it is left.
    pub before: Option<Head>,
    /// Its events. They leave the database.
    pub events: Vec<Sealed>,
    /// What is wrong with it.
    pub findings: usize,
    /// The sinks that have all of them.
    pub kept_in: Vec<String>,
    /// Whether tables of the record are to be made first: they were dropped, or the database was made anew.
    pub installs: bool,
    /// The chains that the sinks have of this database and environment, as they end there.
    pub replaces: Vec<Head>,
}

/// What a restart has done.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct RestartReport {
    /// The database's name in the project.
    pub database: String,
    /// The environment's name.
    pub environment: String,
    /// Where the chain before ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<Head>,
    /// The new chain's name.
    pub database_id: String,
    /// The sinks that keep the chain before.
    pub kept_in: Vec<String>,
}

/// Looks at the chain and at the sinks, and changes nothing.
pub async fn plan_restart(context: &Context<'_>) -> Result<RestartRequest, Failed> {
    let failed = |error: DriverError| Failed::driver(&context.target, &error);
    let mut session = context.connect(Access::ReadOnly).await?;
    let view = session.record_view().await.map_err(failed)?;
    let _ = session.close().await;
    let lost = |table: &str| view.lost.iter().any(|lost| lost == table);
    let installs = view.layout != Some(LAYOUT) || lost("audit_heads") || lost("audit_events");
    let chain = Chain::of(view.head.as_ref(), view.events.first());
    let before = end(&view, chain.as_ref());
    let mut check = ChainCheck::new("target", chain.as_ref().map(|chain| chain.id.as_str()), None);
    let events: Vec<Sealed> = view.events.iter().cloned().map(Sealed::from).collect();
    for (row, sealed) in view.events.iter().zip(&events) {
        check.event(Some(row.sequence), sealed);
    }
    let findings = check.end(before.as_ref()).findings.len();
    let mut request = RestartRequest {
        before,
        events,
        findings,
        kept_in: Vec::new(),
        installs,
        replaces: chain
            .as_ref()
            .map(|chain| chain.named.clone())
            .unwrap_or_default(),
    };
    for settings in &context.settings.audit.sinks {
        ask(settings, context.names(), chain.as_ref(), &mut request)
            .await
            .map_err(|error| unavailable(settings, &error))?;
    }
    if view.layout != Some(LAYOUT) && request.replaces.is_empty() {
        return Err(no_chain(context));
    }
    let before = request.before.clone();
    request.replaces.retain(|head| Some(head) != before.as_ref());
    request
        .replaces
        .sort_by(|a, b| (&a.database_id, a.sequence).cmp(&(&b.database_id, b.sequence)));
    request.replaces.dedup();
    Ok(request)
}

/// Where the chain ends: by its head, or by its last event where the head is gone.
fn end(view: &RecordView, chain: Option<&Chain>) -> Option<Head> {
    let by_events = || {
        let last = view.events.last()?;
        Some(Head {
            database_id: chain?.id.clone(),
            sequence: last.sequence,
            digest: last.digest.clone(),
        })
    };
    view.head.clone().map(Head::from).or_else(by_events)
}

async fn ask(
    settings: &SinkSettings,
    names: (&str, &str),
    chain: Option<&Chain>,
    request: &mut RestartRequest,
) -> Result<(), DriverError> {
    let mut sink = open(settings).await?;
    let known = sink.chains().await?;
    let mut ids: Vec<String> = strangers(&known, names, chain)
        .into_iter()
        .map(|other| other.database_id.clone())
        .collect();
    ids.extend(chain.map(|chain| chain.id.clone()));
    for id in ids {
        request.replaces.extend(sink.head(&id).await?);
    }
    if let Some(before) = &request.before {
        let after = before.sequence.saturating_sub(1);
        let at = sink.read(&before.database_id, after, 1).await?;
        if at.first().is_some_and(|sealed| sealed.digest == before.digest) {
            request.kept_in.push(settings.target.name.clone());
        }
    }
    goodbye(sink).await;
    Ok(())
}

/// Begins the new chain. The context's reason is told in its first event.
pub async fn restart(context: &Context<'_>, request: &RestartRequest) -> Result<RestartReport, Failed> {
    let failed = |error: DriverError| Failed::driver(&context.target, &error);
    let mut session = context.connect(Access::ReadWrite).await?;
    if request.installs {
        context.install(session.as_mut()).await.map_err(failed)?;
    }
    let lock = session.try_lock(&context.lock_request("audit restart")).await;
    let lease = match lock.map_err(failed)? {
        LockAttempt::Acquired(lease) => lease,
        LockAttempt::Held(_) => {
            let held = Diagnostic::error("DBVC4010", "another run holds the lock; nothing was changed")
                .help("`dbvc lock status` tells who holds it");
            return Err(Failed::one(ExitClass::LockHeld, held));
        }
    };
    let begun = begin(context, session.as_mut(), &lease.fence, request).await;
    let unlocked = session.unlock(&lease).await;
    let database_id = begun?;
    unlocked.map_err(failed)?;
    let _ = session.close().await;
    let (database, environment) = context.names();
    Ok(RestartReport {
        database: database.to_owned(),
        environment: environment.to_owned(),
        before: request.before.clone(),
        database_id,
        kept_in: request.kept_in.clone(),
    })
}

async fn begin(
    context: &Context<'_>,
    session: &mut dyn Session,
    fence: &Fence,
    request: &RestartRequest,
) -> Result<String, Failed> {
    let failed = |error: DriverError| Failed::driver(&context.target, &error);
    let now = session.record_view().await.map_err(failed)?;
    let chain = Chain::of(now.head.as_ref(), now.events.first());
    // A record that was made just now has begun a chain by itself.
    let fresh = request.installs && request.before.is_none() && now.events.len() <= 1;
    if !fresh && end(&now, chain.as_ref()) != request.before {
        let moved = Diagnostic::error(
            "DBVC8007",
            "the chain has moved on meanwhile; nothing was changed",
        )
        .help("run `dbvc audit restart` again");
        return Err(Failed::one(ExitClass::LockHeld, moved));
    }
    let mut event = context
        .event(AuditAction::ChainStarted)
        .with("database", &context.settings.database);
    if let Some(before) = &request.before {
        event = event.with(CONTINUES, written(before));
    }
    if !request.replaces.is_empty() {
        let all: Vec<String> = request.replaces.iter().map(written).collect();
        event = event.with(REPLACES, all.join(","));
    }
    if request.findings > 0 {
        event = event.with("findings", request.findings);
    }
    let chain = NewChain {
        database_id: uuid::Uuid::now_v7().to_string(),
        begins: event.draft(),
    };
    session.begin_chain(fence, &chain).await.map_err(failed)?;
    sign_all(session, fence, context, false).await.map_err(failed)?;
    Ok(chain.database_id)
}
