//! Anchors: the head of a database's chain, for a place outside of it.

use serde::Serialize;
use serde_json::Value;

use super::patience::{goodbye, open};
use super::{SinkSettings, log};
use crate::audit::{Anchor, Container, Document, Finding, FindingKind};
use crate::diagnostic::Diagnostic;
use crate::driver::{Access, ChainFilter};
use crate::error::DriverError;
use crate::project::{Context, ExitClass, Failed};

/// A chain's head, and where it was kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AnchorReport {
    /// The anchor.
    pub anchor: Anchor,
    /// The sinks that keep it now.
    pub kept_in: Vec<String>,
}

/// Reads the head of the chain and keeps it in the sinks that are named here. Whoever calls writes it to further places,
/// as [`Anchor::to_line`] has it.
pub async fn anchor(context: &Context<'_>, sinks: &[SinkSettings]) -> Result<AnchorReport, Failed> {
    let failed = |error: DriverError| Failed::driver(&context.target, &error);
    let mut session = context.connect(Access::ReadOnly).await?;
    let head = session.chain_head().await.map_err(failed)?;
    let first = ChainFilter {
        limit: 1,
        ..ChainFilter::default()
    };
    let events = match head {
        None => session.chain(&first).await.unwrap_or_default().len(),
        Some(_) => 0,
    };
    let _ = session.close().await;
    let Some(head) = head else {
        return Err(if events > 0 { headless() } else { no_chain(context) });
    };
    let (database, environment) = context.names();
    let key = context.settings.audit.signing_key.as_ref();
    let anchor = Anchor {
        database: database.to_owned(),
        environment: environment.to_owned(),
        signature: key.map(|key| key.sign(&head.digest)),
        head: head.into(),
        at: jiff::Timestamp::now()
            .strftime("%Y-%m-%dT%H:%M:%S.%3fZ")
            .to_string(),
    };
    let mut kept_in = Vec::new();
    for settings in sinks {
        keep(settings, &anchor)
            .await
            .map_err(|error| log::unavailable(settings, &error))?;
        kept_in.push(settings.target.name.clone());
    }
    Ok(AnchorReport { anchor, kept_in })
}

async fn keep(settings: &SinkSettings, anchor: &Anchor) -> Result<(), DriverError> {
    let mut sink = open(settings).await?;
    let content = match serde_json::to_value(anchor) {
        Ok(Value::Object(content)) => content,
        _ => serde_json::Map::new(),
    };
    let document = Document {
        // Two pasts of one chain have the same places: the one does not replace the other's witness.
        id: format!("anchor-{}-{:.12}", anchor.head.sequence, anchor.head.digest),
        database_id: anchor.head.database_id.clone(),
        content,
    };
    let kept = sink.keep(Container::Anchors, &[document]).await;
    goodbye(sink).await;
    kept
}

/// The anchors that a sink keeps, and a finding for each document there that is none.
pub(super) async fn kept(
    sink: &mut dyn crate::audit::AuditSink,
    place: &str,
    database_id: &str,
) -> Result<(Vec<Anchor>, Vec<Finding>), DriverError> {
    let (mut anchors, mut findings) = (Vec::new(), Vec::new());
    for document in sink.documents(database_id, Container::Anchors, None).await? {
        match serde_json::from_value(Value::Object(document.content)) {
            Ok(anchor) => anchors.push(anchor),
            Err(error) => findings.push(Finding {
                place: place.to_owned(),
                sequence: None,
                kind: FindingKind::Unreadable,
                message: format!("the anchor {} cannot be read: {error}", document.id),
                differences: Vec::new(),
            }),
        }
    }
    Ok((anchors, findings))
}

/// There are events, and what says where they end is gone.
fn headless() -> Failed {
    Failed::one(
        ExitClass::Findings,
        Diagnostic::error(
            "DBVC8003",
            "the audit trail has events and no head: somebody deleted it",
        )
        .help("`dbvc audit verify` says more"),
    )
}

pub(super) fn no_chain(context: &Context<'_>) -> Failed {
    Failed::one(
        ExitClass::Findings,
        Diagnostic::error(
            "DBVC8003",
            format!("{} keeps no audit trail yet", context.settings.database),
        )
        .help("it begins with the next run of this dbvc: `dbvc migrate`"),
    )
}
