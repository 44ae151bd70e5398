//! Checking a chain: every edit, deletion, insertion and reordering shows, and a cut-off end where the head is known.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use super::{ChainError, GENESIS, Head, PublicKey, Sealed, digest};

/// What is wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum FindingKind {
    /// What is kept is no event, or not in canonical form.
    Unreadable,
    /// Text and digest do not belong together: one of them was edited.
    Edited,
    /// The digest of the event before is another one: that event or this one was written anew.
    Unlinked,
    /// Events are not there.
    Missing,
    /// An event stands where another belongs, or twice.
    Misplaced,
    /// The event is of another chain.
    Foreign,
    /// The chain does not end where it should.
    Truncated,
    /// The signature is not the key's over this digest.
    BadSignature,
    /// There is no signature: it was taken away, or the event is yet to be signed.
    Unsigned,
    /// Two places keep different events, or one place says two things of an event.
    Differs,
    /// A sink lacks the newest events: they are yet to be shipped, or were deleted there.
    Behind,
    /// The record says something else than the chain.
    Record,
    /// A part of the trail is not there: its head, a table, the whole of it.
    Lost,
    /// There is another chain of the same database and environment, which this one does not name.
    AnotherChain,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Finding {
    /// Where: `target`, or the sink's or anchor's name.
    pub place: String,
    /// The event's place in the chain, where it is about one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sequence: Option<u64>,
    /// What is wrong.
    pub kind: FindingKind,
    /// A sentence that says it.
    pub message: String,
    /// How two events differ, a field each.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub differences: Vec<String>,
}

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct Checked {
    /// Where.
    pub place: String,
    /// Events that were read.
    pub events: u64,
    /// The newest one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub head: Option<Head>,
    /// Events whose signature was found right; none where no key was given.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signed: Option<u64>,
    /// What is wrong.
    pub findings: Vec<Finding>,
}

/// A check under way: it is given the events in the order in which they are kept.
#[derive(Debug)]
pub struct ChainCheck<'a> {
    key: Option<&'a PublicKey>,
    database_id: Option<String>,
    next: u64,
    /// What may stand for the digest of the event before; two where its text and its digest do not belong together.
    previous: Vec<String>,
    unsigned: Vec<u64>,
    /// Those before the first signature.
    before_signing: Vec<u64>,
    signed: u64,
    any_signature: bool,
    checked: Checked,
}

impl<'a> ChainCheck<'a> {
    /// Begins with the first event. Without `database_id` the first event says which chain it is.
    pub fn new(place: &str, database_id: Option<&str>, key: Option<&'a PublicKey>) -> Self {
        Self {
            key,
            database_id: database_id.map(ToOwned::to_owned),
            next: 1,
            previous: vec![GENESIS.to_owned()],
            unsigned: Vec::new(),
            before_signing: Vec::new(),
            signed: 0,
            any_signature: false,
            checked: Checked {
                place: place.to_owned(),
                events: 0,
                head: None,
                signed: None,
                findings: Vec::new(),
            },
        }
    }

    /// The next event. `key` is its place as the keeper says, where the keeper says one beside the text.
    pub fn event(&mut self, key: Option<u64>, sealed: &Sealed) {
        self.checked.events += 1;
        let at = key.unwrap_or(self.next);
        let sequence = match sealed.event() {
            Ok(event) => {
                self.identity(key, &event);
                self.order(event.sequence);
                if !self.previous.contains(&event.previous) && event.sequence == self.next {
                    let before = self.previous.first().cloned().unwrap_or_default();
                    self.find(
                        event.sequence,
                        FindingKind::Unlinked,
                        format!(
                            "names {} as the digest of the event before, which is {before}: one of the two was written anew",
                            event.previous
                        ),
                    );
                }
                self.database_id.get_or_insert(event.database_id);
                event.sequence
            }
            Err(error) => {
                let kind = match error {
                    ChainError::Digest { .. } => FindingKind::Edited,
                    ChainError::Unreadable(_) | ChainError::NotCanonical => FindingKind::Unreadable,
                };
                self.find(at, kind, format!("was edited: {error}"));
                at
            }
        };
        self.signature(sequence, sealed);
        self.previous = vec![sealed.digest.clone(), digest(&sealed.text)];
        self.next = sequence.saturating_add(1);
        self.checked.head = Some(Head {
            database_id: self.database_id.clone().unwrap_or_default(),
            sequence,
            digest: sealed.digest.clone(),
        });
    }

    /// The end: `head` is where the chain ends as somebody else says.
    pub fn end(mut self, head: Option<&Head>) -> Checked {
        let unsigned = std::mem::take(&mut self.unsigned);
        if let (Some(_), Some(first)) = (self.key, unsigned.first()) {
            let message = match unsigned.len() {
                1 => {
                    "has no signature: it is yet to be signed (`dbvc audit flush` does), or it was taken away"
                        .to_owned()
                }
                all => format!(
                    "and {} after it have no signature: they are yet to be signed (`dbvc audit flush` does), or it was \
                     taken away",
                    all - 1
                ),
            };
            self.find(*first, FindingKind::Unsigned, message);
        }
        let older = std::mem::take(&mut self.before_signing);
        if let (Some(first), Some(last)) = (older.first(), older.last()) {
            self.find(
                *first,
                FindingKind::Unsigned,
                format!(
                    "and all up to {last} have no signature, and a later event has one: they were written before a key was \
                     set (`dbvc audit flush --sign-older` signs them), or it was taken away"
                ),
            );
        }
        if let Some(head) = head {
            self.same_end(head);
        }
        self.checked.signed = self.key.map(|_| self.signed);
        self.checked
    }

    fn same_end(&mut self, head: &Head) {
        let (end, digest) = self
            .checked
            .head
            .as_ref()
            .map_or((0, GENESIS), |head| (head.sequence, head.digest.as_str()));
        let message = if end < head.sequence {
            format!(
                "the chain ends with {end}, and its head says {}: events were deleted at the end",
                head.sequence
            )
        } else if end > head.sequence {
            format!(
                "the chain ends with {end}, and its head says {}: events were added past dbvc, or the head was put back",
                head.sequence
            )
        } else if digest == head.digest {
            return;
        } else {
            format!(
                "the last event has the digest {digest}, and the head says {}: one of them was written anew",
                head.digest
            )
        };
        self.checked.findings.push(Finding {
            place: self.checked.place.clone(),
            sequence: Some(end),
            kind: FindingKind::Truncated,
            message,
            differences: Vec::new(),
        });
    }

    fn identity(&mut self, key: Option<u64>, event: &super::AuditEvent) {
        if let Some(key) = key.filter(|key| *key != event.sequence) {
            self.find(
                key,
                FindingKind::Misplaced,
                format!("holds the event of place {}", event.sequence),
            );
        }
        let id = self.database_id.as_ref().unwrap_or(&event.database_id);
        if event.database_id != *id {
            let message = format!("is of the chain {}, and this is {id}", event.database_id);
            self.find(event.sequence, FindingKind::Foreign, message);
        } else if event.id != format!("{id}:{}", event.sequence) {
            let message = format!("calls itself {}", event.id);
            self.find(event.sequence, FindingKind::Foreign, message);
        }
    }

    fn order(&mut self, sequence: u64) {
        if sequence > self.next {
            let last = sequence - 1;
            let message = if last == self.next {
                "is not there".to_owned()
            } else {
                format!("and all up to {last} are not there")
            };
            self.find(self.next, FindingKind::Missing, message);
        } else if sequence < self.next {
            let message = format!("comes behind {}", self.next - 1);
            self.find(sequence, FindingKind::Misplaced, message);
        }
    }

    fn signature(&mut self, sequence: u64, sealed: &Sealed) {
        let Some(key) = self.key else { return };
        let Some(signature) = &sealed.signature else {
            self.unsigned.push(sequence);
            return;
        };
        if !std::mem::replace(&mut self.any_signature, true) {
            self.before_signing = std::mem::take(&mut self.unsigned);
        }
        // All behind the first signature are signed in order, so what has none before one that has lost it.
        for bare in std::mem::take(&mut self.unsigned) {
            self.find(
                bare,
                FindingKind::Unsigned,
                "has no signature, and a later event has one: it was taken away".to_owned(),
            );
        }
        if key.verifies(&sealed.digest, signature) {
            self.signed += 1;
        } else {
            let message = "has a signature that is not this key's over its digest".to_owned();
            self.find(sequence, FindingKind::BadSignature, message);
        }
    }

    fn find(&mut self, sequence: u64, kind: FindingKind, message: impl std::fmt::Display) {
        self.checked.findings.push(Finding {
            place: self.checked.place.clone(),
            sequence: Some(sequence),
            kind,
            message: format!("event {sequence} {message}"),
            differences: Vec::new(),
        });
    }
}

/// A finding where what is kept beside an event for queries says something else than the event; fields by their names in
/// the event. Of a text that is no event nothing is said: [`ChainCheck`] does that.
pub fn beside(text: &str, kept: &[(&str, Option<String>)]) -> Option<Finding> {
    let Ok(Value::Object(event)) = serde_json::from_str::<Value>(text) else {
        return None;
    };
    let told = |name: &str| match event.get(name) {
        None | Some(Value::Null) => None,
        Some(Value::String(text)) => Some(text.clone()),
        Some(other) => Some(other.to_string()),
    };
    let shown = |value: &Option<String>| {
        value
            .as_ref()
            .map_or_else(|| "nothing".to_owned(), |value| format!("`{value}`"))
    };
    let differences: Vec<String> = kept
        .iter()
        .filter(|(name, kept)| told(name) != *kept)
        .map(|(name, kept)| {
            format!(
                "{name}: {} beside the event, {} in it",
                shown(kept),
                shown(&told(name))
            )
        })
        .collect();
    let sequence = event.get("sequence").and_then(Value::as_u64);
    (!differences.is_empty()).then(|| Finding {
        place: String::new(),
        sequence,
        kind: FindingKind::Differs,
        message: format!(
            "event {} says one thing, and what is kept beside it for queries another",
            sequence.unwrap_or_default()
        ),
        differences,
    })
}

/// How two texts of one event differ, field by field; the texts themselves where they are no events.
pub fn differences(one: (&str, &str), other: (&str, &str)) -> Vec<String> {
    let fields = |text: &str| {
        let mut fields = BTreeMap::new();
        match serde_json::from_str::<Value>(text) {
            Ok(value) => flatten("", &value, &mut fields),
            Err(_) => {
                fields.insert("text".to_owned(), text.to_owned());
            }
        }
        fields
    };
    let (left, right) = (fields(one.1), fields(other.1));
    let names: std::collections::BTreeSet<&String> = left.keys().chain(right.keys()).collect();
    let shown = |fields: &BTreeMap<String, String>, name: &String| {
        fields
            .get(name)
            .map_or_else(|| "nothing".to_owned(), |value| format!("`{value}`"))
    };
    names
        .into_iter()
        .filter(|name| left.get(*name) != right.get(*name))
        .map(|name| {
            format!(
                "{name}: {} in {}, {} in {}",
                shown(&left, name),
                one.0,
                shown(&right, name),
                other.0
            )
        })
        .collect()
}

fn flatten(name: &str, value: &Value, into: &mut BTreeMap<String, String>) {
    match value {
        Value::Object(fields) => {
            for (field, value) in fields {
                let name = if name.is_empty() {
                    field.clone()
                } else {
                    format!("{name}.{field}")
                };
                flatten(&name, value, into);
            }
        }
        Value::String(text) => {
            into.insert(name.to_owned(), text.clone());
        }
        other => {
            into.insert(name.to_owned(), other.to_string());
        }
    }
}

#[cfg(test)]
mod tests;
