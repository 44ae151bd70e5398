//! The chains that a database kept before the one that it keeps now, as a sink has them: the database has them no more.

use std::collections::{BTreeMap, BTreeSet};

use super::chains::Chain;
use super::places::{against_anchor, events};
use crate::audit::{Anchor, AuditSink, ChainCheck, Finding, FindingKind, Head, PublicKey, Sealed};
use crate::error::DriverError;

/// What a sink has of them.
#[derive(Debug, Default)]
pub(super) struct Before {
    pub(super) findings: Vec<Finding>,
    pub(super) notes: Vec<String>,
    /// Those that the sink had all of when they ended, by their names.
    whole: BTreeMap<String, BTreeMap<u64, Sealed>>,
}

/// The events of a chain in a sink, and where it ends by the sink's own word.
pub(super) struct Kept {
    pub(super) events: Vec<(u64, Sealed)>,
    pub(super) head: Head,
}

impl Kept {
    /// None where the sink has nothing of it.
    pub(super) async fn read(sink: &mut dyn AuditSink, chain: &str) -> Result<Option<Self>, DriverError> {
        let Some(head) = sink.head(chain).await? else {
            return Ok(None);
        };
        let events = events(sink, chain).await?;
        Ok(Some(Self { events, head }))
    }

    /// What is wrong with a chain that ended with `named`. A sink may have more: of what was lost when a backup was restored.
    pub(super) fn findings(&self, place: &str, named: &Head, key: Option<&PublicKey>) -> Vec<Finding> {
        let mut check = ChainCheck::new(place, Some(&named.database_id), key);
        for (at, sealed) in &self.events {
            check.event(Some(*at), sealed);
        }
        let longer = self.head.sequence >= named.sequence;
        let mut findings = check.end(Some(if longer { &self.head } else { named })).findings;
        // A key may be younger than the chain.
        findings.retain(|found| found.kind != FindingKind::Unsigned);
        findings.extend(self.differs(place, named));
        findings
    }

    /// Where it has another event than the one that is named as the last.
    fn differs(&self, place: &str, named: &Head) -> Option<Finding> {
        let at = self.events.iter().find(|(at, _)| *at == named.sequence);
        let digest = at.map_or("none", |(_, sealed)| sealed.digest.as_str());
        let there = named.sequence > 0 && self.head.sequence >= named.sequence;
        (there && digest != named.digest).then(|| Finding {
            place: place.to_owned(),
            sequence: Some(named.sequence),
            kind: FindingKind::Differs,
            message: format!(
                "event {} has the digest {digest}, and the chain that continues it names {}",
                named.sequence, named.digest
            ),
            differences: Vec::new(),
        })
    }
}

impl Before {
    /// Follows the chains from the newest to those that they name. One that a sink had all of must be whole; of others what
    /// is there is told.
    pub(super) async fn read(
        sink: &mut dyn AuditSink,
        place: &str,
        chain: &Chain,
        key: Option<&PublicKey>,
    ) -> Result<Self, DriverError> {
        let mut before = Self::default();
        let mut seen = BTreeSet::from([chain.id.clone()]);
        let mut later = vec![chain.clone()];
        while let Some(chain) = later.pop() {
            for named in &chain.named {
                let whole = chain.was_kept_in(place, named);
                let kept = Kept::read(sink, &named.database_id).await?;
                let first = before.take(place, named, whole, kept, key);
                if seen.insert(named.database_id.clone()) {
                    let first = first.and_then(|sealed| sealed.event().ok());
                    later.push(Chain::begun(named.database_id.clone(), first));
                }
            }
        }
        Ok(before)
    }

    fn take(
        &mut self,
        place: &str,
        named: &Head,
        whole: bool,
        kept: Option<Kept>,
        key: Option<&PublicKey>,
    ) -> Option<Sealed> {
        let id = &named.database_id;
        let Some(kept) = kept else {
            if whole {
                self.findings.push(Finding {
                    place: place.to_owned(),
                    sequence: None,
                    kind: FindingKind::Lost,
                    message: format!(
                        "the chain {id} of before is not there, which {place} had up to event {}",
                        named.sequence
                    ),
                    differences: Vec::new(),
                });
                self.whole.insert(id.clone(), BTreeMap::new());
            }
            return None;
        };
        let mut findings = if whole {
            kept.findings(place, named, key)
        } else {
            kept.differs(place, named).into_iter().collect()
        };
        for found in &mut findings {
            found.message = format!("{} (in the chain {id} of before)", found.message);
        }
        if findings.is_empty() {
            let end = kept.head.sequence;
            let note = format!("{place} keeps the chain {id} of before, up to event {end}");
            if !self.notes.contains(&note) {
                self.notes.push(note);
            }
        }
        self.findings.append(&mut findings);
        let first = kept.events.first().map(|(_, sealed)| sealed.clone());
        if whole {
            self.whole.insert(id.clone(), kept.events.into_iter().collect());
        }
        first
    }

    /// What anchors tell of them.
    pub(super) fn against_anchors(&self, anchors: &[Anchor], key: Option<&PublicKey>) -> Vec<Finding> {
        let mut found = Vec::new();
        for anchor in anchors {
            if let Some(events) = self.whole.get(&anchor.head.database_id) {
                found.extend(against_anchor(events, anchor, key));
            }
        }
        found
    }
}
