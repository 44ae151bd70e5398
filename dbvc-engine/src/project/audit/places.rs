//! One chain in several places, and how they differ.

use std::collections::BTreeMap;

use super::SinkSettings;
use super::anchor::kept;
use super::chains::{Chain, strangers};
use super::copies::Copies;
use super::log::from_sink;
use super::patience::{goodbye, open};
use crate::audit::{
    Anchor, AuditSink, Finding, FindingKind, Head, KnownChain, PublicKey, Sealed, differences,
};
use crate::error::DriverError;

/// One place's events, each with its place in the chain.
pub(super) struct Copy {
    pub(super) place: String,
    pub(super) events: Vec<(u64, Sealed)>,
}

impl Copy {
    pub(super) fn by_place(&self) -> BTreeMap<u64, Sealed> {
        self.events.iter().cloned().collect()
    }
}

/// What a sink has of a database.
pub(super) struct ReadSink {
    pub(super) copy: Copy,
    pub(super) head: Option<Head>,
    pub(super) anchors: Vec<Anchor>,
    pub(super) remarks: Vec<Finding>,
    /// Findings about other chains of the same database.
    pub(super) strangers: Vec<Finding>,
    pub(super) copies: Copies,
    pub(super) notes: Vec<String>,
}

pub(super) async fn read_sink(
    settings: &SinkSettings,
    names: (&str, &str),
    chain: Option<&Chain>,
) -> Result<ReadSink, DriverError> {
    let place = settings.target.name.clone();
    let mut sink = open(settings).await?;
    let mut read = ReadSink {
        copy: Copy {
            place: place.clone(),
            events: Vec::new(),
        },
        head: None,
        anchors: Vec::new(),
        remarks: Vec::new(),
        strangers: Vec::new(),
        copies: Copies::default(),
        notes: Vec::new(),
    };
    if let Some(chain) = chain {
        read.head = sink.head(&chain.id).await?;
        read.copy.events = events(sink.as_mut(), &chain.id).await?;
        if read
            .head
            .as_ref()
            .is_some_and(|head| last_of(&read.copy.events) != head.sequence)
        {
            let after = sink.head(&chain.id).await?;
            read.head = end(read.head, &read.copy.events, after);
        }
        read.copies = Copies::read(sink.as_mut(), &chain.id).await?;
        read.witnesses(sink.as_mut(), &chain.id).await?;
        read.before(sink.as_mut(), chain).await?;
    }
    let known = sink.chains().await?;
    for other in strangers(&known, names, chain) {
        let found = stranger(sink.as_mut(), &place, other, chain).await?;
        read.strangers.push(found);
        read.witnesses(sink.as_mut(), &other.database_id).await?;
    }
    read.remarks.extend(sink.remarks());
    for remark in &mut read.remarks {
        remark.place.clone_from(&place);
    }
    goodbye(sink).await;
    Ok(read)
}

impl ReadSink {
    async fn witnesses(&mut self, sink: &mut dyn AuditSink, chain: &str) -> Result<(), DriverError> {
        let (anchors, findings) = kept(sink, &self.copy.place, chain).await?;
        self.anchors.extend(anchors);
        self.remarks.extend(findings);
        Ok(())
    }

    /// The chains that were kept before this one: what this one names of them must be there as it says.
    async fn before(&mut self, sink: &mut dyn AuditSink, chain: &Chain) -> Result<(), DriverError> {
        for named in &chain.named {
            let Some(head) = sink.head(&named.database_id).await? else {
                continue;
            };
            let at = sink
                .read(&named.database_id, named.sequence.saturating_sub(1), 1)
                .await?;
            let digest = at.first().map_or("none", |sealed| sealed.digest.as_str());
            if named.sequence > 0 && head.sequence >= named.sequence && digest != named.digest {
                self.strangers.push(Finding {
                    place: self.copy.place.clone(),
                    sequence: Some(named.sequence),
                    kind: FindingKind::Differs,
                    message: format!(
                        "event {} of the chain {}, which this one continues, has the digest {digest}, and this one names {}",
                        named.sequence, named.database_id, named.digest
                    ),
                    differences: Vec::new(),
                });
            } else {
                self.notes.push(format!(
                    "{} keeps the chain {} of before, up to event {}",
                    self.copy.place, named.database_id, head.sequence
                ));
            }
        }
        Ok(())
    }
}

async fn stranger(
    sink: &mut dyn AuditSink,
    place: &str,
    other: &KnownChain,
    chain: Option<&Chain>,
) -> Result<Finding, DriverError> {
    let end = sink
        .head(&other.database_id)
        .await?
        .map_or(0, |head| head.sequence);
    let (kind, ours) = chain.map_or_else(
        || (FindingKind::Lost, "the database keeps none".to_owned()),
        |chain| {
            let ours = format!("the database keeps {}, which does not name it", chain.id);
            (FindingKind::AnotherChain, ours)
        },
    );
    Ok(Finding {
        place: place.to_owned(),
        sequence: None,
        kind,
        message: format!(
            "{place} has a chain of {} in {}, {} up to event {end}, and {ours}: the trail was begun anew or removed, or the \
             database was made anew or restored; if that was meant, `dbvc audit restart --reason TEXT` says so",
            other.database, other.environment, other.database_id
        ),
        differences: Vec::new(),
    })
}

/// The place of the newest event.
pub(super) fn last_of(events: &[(u64, Sealed)]) -> u64 {
    events.iter().map(|(key, _)| *key).max().unwrap_or(0)
}

/// Where events must end that were read between two looks at a sink's head: somebody may ship meanwhile. Whoever ships
/// moves the head with the events, so they reach the first head, go no further than the second, and end there or with
/// any event on the way.
fn end(before: Option<Head>, events: &[(u64, Sealed)], after: Option<Head>) -> Option<Head> {
    let before = before?;
    let Some((after, (last, sealed))) = after.zip(events.iter().max_by_key(|(key, _)| *key)) else {
        return Some(before);
    };
    if *last >= after.sequence {
        return Some(after);
    }
    let same = |(key, sealed): &(u64, Sealed)| *key == before.sequence && sealed.digest == before.digest;
    if !events.iter().any(same) {
        return Some(before);
    }
    Some(Head {
        sequence: *last,
        digest: sealed.digest.clone(),
        ..before
    })
}

/// All events of a chain that a sink has.
pub(super) async fn events(
    sink: &mut dyn AuditSink,
    database_id: &str,
) -> Result<Vec<(u64, Sealed)>, DriverError> {
    let mut events: Vec<(u64, Sealed)> = Vec::new();
    let mut after = 0;
    loop {
        let batch = from_sink(sink, database_id, after).await?;
        let end = batch.iter().map(|(key, _)| *key).max().unwrap_or(after);
        events.extend(batch);
        // A sink that gives old events again would keep us here for ever.
        if end <= after {
            return Ok(events);
        }
        after = end;
    }
}

/// Events that reached a sink before they were signed have the signature that the database has for the same digest.
pub(super) fn lend(ours: &BTreeMap<u64, Sealed>, copy: &mut Copy) {
    for (place, theirs) in &mut copy.events {
        if theirs.signature.is_none()
            && let Some(ours) = ours.get(place)
            && ours.digest == theirs.digest
        {
            theirs.signature.clone_from(&ours.signature);
        }
    }
}

/// How a sink's copy differs from the database's. Events up to `due` should be in the sink.
pub(super) fn between(ours: &BTreeMap<u64, Sealed>, sink: &Copy, due: u64) -> Vec<Finding> {
    let mut found = Vec::new();
    let finding = |sequence: u64, kind, message: String, differences| Finding {
        place: sink.place.clone(),
        sequence: Some(sequence),
        kind,
        message: format!("event {sequence} {message}"),
        differences,
    };
    let last = ours.keys().next_back().copied().unwrap_or(0);
    let mut ahead: Vec<u64> = Vec::new();
    for (sequence, theirs) in &sink.events {
        match ours.get(sequence) {
            None if *sequence > last => ahead.push(*sequence),
            None => found.push(finding(
                *sequence,
                FindingKind::Differs,
                format!("is in {} and not in the database", sink.place),
                Vec::new(),
            )),
            Some(ours) if ours.text != theirs.text || ours.digest != theirs.digest => {
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
    if let (Some(first), Some(end)) = (ahead.first(), ahead.last()) {
        let message = format!(
            "and all up to {end} are in {} and not in the database, which ends with {last}: they were deleted there, or it \
             was restored from an older backup; after a restore `dbvc audit restart --reason TEXT` begins a chain that says so",
            sink.place
        );
        found.push(finding(*first, FindingKind::Differs, message, Vec::new()));
    }
    let end = last_of(&sink.events);
    let missing = ours.keys().filter(|key| **key > end && **key <= due).count();
    if missing > 0 {
        let what = match missing {
            1 => format!("is not in {}: it is", sink.place),
            more => format!("and {} after it are not in {}: they are", more - 1, sink.place),
        };
        let message = format!("{what} yet to be shipped (`dbvc audit flush`), or deleted there");
        found.push(finding(end + 1, FindingKind::Behind, message, Vec::new()));
    }
    found
}

/// Whether the chain is what it was when an anchor of it was written.
pub(super) fn against_anchor(
    ours: &BTreeMap<u64, Sealed>,
    anchor: &Anchor,
    key: Option<&PublicKey>,
) -> Vec<Finding> {
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
    match ours.get(&sequence) {
        None if sequence > 0 => find(
            FindingKind::Truncated,
            format!(
                "event {sequence} was the newest at {}, and is not there",
                anchor.at
            ),
        ),
        Some(sealed) if sealed.digest != anchor.head.digest => find(
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

#[cfg(test)]
mod tests {
    use super::*;

    fn head(sequence: u64, digest: &str) -> Head {
        Head {
            database_id: "db".to_owned(),
            sequence,
            digest: digest.to_owned(),
        }
    }

    fn events(last: u64) -> Vec<(u64, Sealed)> {
        let sealed = |place: u64| Sealed {
            text: String::new(),
            digest: format!("d{place}"),
            signature: None,
        };
        (1..=last).map(|place| (place, sealed(place))).collect()
    }

    #[test]
    fn events_that_are_shipped_while_they_are_read_may_end_between_the_two_heads() {
        for (last, wanted) in [
            (2, Some(head(2, "d2"))),
            (3, Some(head(3, "d3"))),
            (4, Some(head(4, "d4"))),
        ] {
            assert_eq!(
                end(Some(head(2, "d2")), &events(last), Some(head(4, "d4"))),
                wanted
            );
        }
    }

    #[test]
    fn events_that_no_head_tells_of_or_that_are_gone_are_no_shipping() {
        let still = Some(head(2, "d2"));
        assert_eq!(end(still.clone(), &events(3), still.clone()), still, "added");
        assert_eq!(
            end(still.clone(), &events(5), Some(head(4, "d4"))),
            Some(head(4, "d4")),
            "added"
        );
        assert_eq!(end(still.clone(), &events(1), still.clone()), still, "cut off");
        assert_eq!(
            end(still.clone(), &events(1), Some(head(4, "d4"))),
            still,
            "cut off"
        );
        assert_eq!(end(still.clone(), &[], still.clone()), still, "emptied");
        assert_eq!(end(still.clone(), &events(1), None), still, "gone");
        assert_eq!(
            end(Some(head(2, "x")), &events(3), Some(head(4, "d4"))),
            Some(head(2, "x")),
            "written anew"
        );
    }
}
