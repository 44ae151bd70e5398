//! Checking the trail: the chain in the database, the same in each sink, anchors, and the record beside it.

use serde::Serialize;

use super::SinkSettings;
use super::anchor::{kept, no_chain};
use super::log::{from_sink, from_target, unavailable};
use super::ship::open;
use crate::audit::{Anchor, ChainCheck, Checked, Finding, FindingKind, Head, PublicKey, Sealed, differences};
use crate::driver::{Access, Session};
use crate::error::DriverError;
use crate::project::{Context, Failed};

/// The database's own record, as a place.
pub(super) const TARGET: &str = "target";

/// What to compare with.
#[derive(Debug, Clone, Default)]
pub struct ChainRequest {
    /// The sinks.
    pub sinks: Vec<SinkSettings>,
    /// Heads that were kept elsewhere.
    pub anchors: Vec<Anchor>,
    /// Checks the signatures; [`super::AuditSettings::checking_key`] where none is given.
    pub public_key: Option<PublicKey>,
}

/// What was found.
#[derive(Debug, Clone, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct ChainReport {
    /// The database's name in the project.
    pub database: String,
    /// The environment's name.
    pub environment: String,
    /// The chain's name.
    pub database_id: String,
    /// Each place that was read, with what is wrong in it; the database first.
    pub places: Vec<Checked>,
    /// Anchors that were compared, the sinks' own included.
    pub anchors: usize,
    /// What is wrong between places, and between the chain and the record.
    pub findings: Vec<Finding>,
}

impl ChainReport {
    /// All that is wrong, in every place.
    pub fn all_findings(&self) -> impl Iterator<Item = &Finding> {
        self.places
            .iter()
            .flat_map(|place| &place.findings)
            .chain(&self.findings)
    }

    /// Whether nothing is wrong.
    pub fn is_sound(&self) -> bool {
        self.all_findings().next().is_none()
    }
}

/// One place's events.
struct Copy {
    place: String,
    events: Vec<(u64, Sealed)>,
}

/// Checks the chain and changes nothing. A sink that cannot be read is an error.
pub async fn verify(context: &Context<'_>, request: &ChainRequest) -> Result<ChainReport, Failed> {
    let failed = |error: DriverError| Failed::driver(&context.target, &error);
    let key = request
        .public_key
        .clone()
        .or_else(|| context.settings.audit.checking_key());
    let mut session = context.connect(Access::ReadOnly).await?;
    let Some(head) = session.chain_head().await.map_err(failed)? else {
        return Err(no_chain(context));
    };
    let head = Head::from(head);
    let target = read_target(session.as_mut()).await.map_err(failed)?;
    let mut findings = super::rows::compare(session.as_mut(), &target.events)
        .await
        .map_err(failed)?;
    let _ = session.close().await;
    let mut places = vec![check(&target, &head.database_id, key.as_ref(), Some(&head))];
    let mut anchors = request.anchors.clone();
    for settings in &request.sinks {
        let (copy, theirs) = read_sink(settings, &head.database_id, &mut anchors)
            .await
            .map_err(|error| unavailable(settings, &error))?;
        places.push(check(&copy, &head.database_id, key.as_ref(), theirs.as_ref()));
        findings.extend(between(&target, &copy));
    }
    anchors.retain(|anchor| anchor.head.database_id == head.database_id);
    for anchor in &anchors {
        findings.extend(against_anchor(&target, anchor, key.as_ref()));
    }
    let (database, environment) = context.names();
    Ok(ChainReport {
        database: database.to_owned(),
        environment: environment.to_owned(),
        database_id: head.database_id,
        places,
        anchors: anchors.len(),
        findings,
    })
}

fn check(copy: &Copy, database_id: &str, key: Option<&PublicKey>, head: Option<&Head>) -> Checked {
    let mut check = ChainCheck::new(&copy.place, Some(database_id), key);
    for (place, sealed) in &copy.events {
        check.event(Some(*place), sealed);
    }
    check.end(head)
}

async fn read_target(session: &mut dyn Session) -> Result<Copy, DriverError> {
    let mut events: Vec<(u64, Sealed)> = Vec::new();
    loop {
        let after = events.last().map_or(0, |(key, _)| *key);
        let batch = from_target(session, after).await?;
        if batch.is_empty() {
            return Ok(Copy {
                place: TARGET.to_owned(),
                events,
            });
        }
        events.extend(batch);
    }
}

async fn read_sink(
    settings: &SinkSettings,
    database_id: &str,
    anchors: &mut Vec<Anchor>,
) -> Result<(Copy, Option<Head>), DriverError> {
    let mut sink = open(settings).await?;
    let head = sink.head(database_id).await?;
    let mut events: Vec<(u64, Sealed)> = Vec::new();
    loop {
        let after = events.iter().map(|(key, _)| *key).max().unwrap_or(0);
        let batch = from_sink(sink.as_mut(), database_id, after).await?;
        let moves = batch.iter().any(|(key, _)| *key > after);
        events.extend(batch);
        // A sink that gives old events again would keep us here for ever.
        if !moves {
            break;
        }
    }
    anchors.extend(kept(sink.as_mut(), database_id).await?);
    let _ = sink.close().await;
    let place = settings.target.name.clone();
    Ok((Copy { place, events }, head))
}

/// How a sink's copy differs from the database's.
fn between(target: &Copy, sink: &Copy) -> Vec<Finding> {
    let mut found = Vec::new();
    let finding = |sequence: u64, kind, message: String, differences| Finding {
        place: sink.place.clone(),
        sequence: Some(sequence),
        kind,
        message: format!("event {sequence} {message}"),
        differences,
    };
    for (sequence, theirs) in &sink.events {
        let ours = target.events.iter().find(|(key, _)| key == sequence);
        match ours {
            None => found.push(finding(
                *sequence,
                FindingKind::Differs,
                format!("is in {} and not in the database", sink.place),
                Vec::new(),
            )),
            Some((_, ours)) if ours.text != theirs.text || ours.digest != theirs.digest => {
                let mut lines = differences(("the database", &ours.text), (&sink.place, &theirs.text));
                if ours.digest != theirs.digest {
                    lines.push(format!(
                        "digest: {} in the database, {} in {}",
                        ours.digest, theirs.digest, sink.place
                    ));
                }
                let message = format!("is one thing in the database and another in {}", sink.place);
                found.push(finding(*sequence, FindingKind::Differs, message, lines));
            }
            Some(_) => {}
        }
    }
    let end = sink.events.iter().map(|(key, _)| *key).max().unwrap_or(0);
    let missing = target.events.iter().filter(|(key, _)| *key > end).count();
    if missing > 0 {
        found.push(finding(
            end + 1,
            FindingKind::Behind,
            format!(
                "is the first of {missing} that {} lacks: they are yet to be shipped (`dbvc audit flush`), or were \
                 deleted there",
                sink.place
            ),
            Vec::new(),
        ));
    }
    found
}

fn against_anchor(target: &Copy, anchor: &Anchor, key: Option<&PublicKey>) -> Vec<Finding> {
    let sequence = anchor.head.sequence;
    let place = format!("anchor of {}", anchor.at);
    let mut found = Vec::new();
    let mut find = |kind, message: String| {
        found.push(Finding {
            place: place.clone(),
            sequence: Some(sequence),
            kind,
            message,
            differences: Vec::new(),
        });
    };
    match target.events.iter().find(|(key, _)| *key == sequence) {
        None if sequence > 0 => find(
            FindingKind::Truncated,
            format!(
                "event {sequence} was the newest at {}, and is not there",
                anchor.at
            ),
        ),
        Some((_, sealed)) if sealed.digest != anchor.head.digest => find(
            FindingKind::Differs,
            format!(
                "event {sequence} had the digest {} at {}, and has {}: the chain was written anew",
                anchor.head.digest, anchor.at, sealed.digest
            ),
        ),
        _ => {}
    }
    if let (Some(key), Some(signature)) = (key, &anchor.signature)
        && !key.verifies(&anchor.head.digest, signature)
    {
        find(
            FindingKind::BadSignature,
            "the anchor's signature is not this key's".to_owned(),
        );
    }
    found
}
