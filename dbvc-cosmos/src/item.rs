//! What is in an item.

use dbvc_engine::audit::{
    Admitted, AuditAction, Container, Finding, FindingKind, KnownChain, Sealed, beside, differences,
};
use dbvc_engine::error::{DriverError, ErrorKind, Operation};
use percent_encoding::{AsciiSet, CONTROLS, percent_decode_str, utf8_percent_encode};
use serde::{Deserialize, Serialize};
use serde_json::Value;

pub(crate) const EVENTS: &str = "change-events";
pub(crate) const SNAPSHOTS: &str = "schema-snapshots";
pub(crate) const MIGRATIONS: &str = "migrations";
/// The partition key of each container.
pub(crate) const PARTITION_KEY: &str = "/databaseId";

/// An item may have 2 MB ("Azure Cosmos DB service quotas", "Per-item limits"); this leaves room for what the service adds.
pub(crate) const LARGEST: usize = 1_900_000;

/// What an item's id may not hold (the same page), and the sign that escapes begin with.
const NOT_IN_IDS: &AsciiSet = &CONTROLS
    .add(b'/')
    .add(b'\\')
    .add(b'?')
    .add(b'#')
    .add(b'%')
    .add(b' ');

/// The container that documents are kept in. Anchors are few, so they share one.
pub(crate) fn container_of(container: Container) -> &'static str {
    match container {
        Container::SchemaSnapshots => SNAPSHOTS,
        Container::Migrations | Container::Anchors => MIGRATIONS,
    }
}

/// An event. The canonical text is kept as a text, because the service reads JSON's numbers as floating point; the event as
/// an object is there for queries.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct EventItem<'a> {
    id: String,
    database_id: &'a str,
    sequence: u64,
    action: AuditAction,
    environment: &'a str,
    at: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    migration: Option<&'a str>,
    run_id: &'a str,
    digest: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    signature: Option<&'a str>,
    event: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<Value>,
}

/// What is read of an event: whatever somebody made of it.
#[derive(Debug, Deserialize)]
#[serde(transparent)]
pub(crate) struct KeptEvent(serde_json::Map<String, Value>);

impl KeptEvent {
    /// A property as a text; a number as it would be written without a fraction.
    fn text(&self, name: &str) -> Option<String> {
        match self.0.get(name)? {
            Value::Null => None,
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(
                number
                    .as_f64()
                    .map_or_else(|| number.to_string(), |n| n.to_string()),
            ),
            other => Some(other.to_string()),
        }
    }

    /// What stands beside the event's text and says something else.
    pub(crate) fn remark(&self) -> Option<Finding> {
        let text = self.text("event")?;
        let id = self
            .text("id")
            .map(|id| percent_decode_str(&id).decode_utf8_lossy().into_owned());
        let mut kept = vec![("id", id), ("run", self.text("runId"))];
        for name in [
            "databaseId",
            "sequence",
            "action",
            "environment",
            "at",
            "migration",
        ] {
            kept.push((name, self.text(name)));
        }
        let mut found = beside(&text, &kept);
        let told: Option<Value> = serde_json::from_str(&text).ok();
        if let (Some(told), Some(content)) = (told, self.0.get("content"))
            && !alike(&told, content)
        {
            let sequence = told.get("sequence").and_then(Value::as_u64);
            let finding = found.get_or_insert_with(|| Finding {
                place: String::new(),
                sequence,
                kind: FindingKind::Differs,
                message: format!(
                    "event {} says one thing, and what is kept beside it for queries another",
                    sequence.unwrap_or_default()
                ),
                differences: Vec::new(),
            });
            let (told, content) = (told.to_string(), content.to_string());
            finding
                .differences
                .extend(differences(("the event", &told), ("its `content`", &content)));
        }
        found
    }
}

/// Whether two values are the same where numbers are floating point.
fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| alike(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, one)| other.get(name).is_some_and(|other| alike(one, other)))
        }
        (one, other) => one == other,
    }
}

/// A text that is not there is an empty one: it is no event, and whoever checks says so.
impl From<KeptEvent> for Sealed {
    fn from(kept: KeptEvent) -> Self {
        Self {
            text: kept.text("event").unwrap_or_default(),
            digest: kept.text("digest").unwrap_or_default(),
            signature: kept.text("signature"),
        }
    }
}

/// The partition of the container of events that lists its chains. To look through all partitions for them costs a request
/// to each, and some emulators cannot.
pub(crate) const LIST: &str = "dbvc-chains";
/// The kind of what is listed.
pub(crate) const LISTED: &str = "chain";

/// A chain's first event, as it is listed.
#[derive(Debug, Deserialize)]
pub(crate) struct FirstEvent {
    chain: String,
    #[serde(default)]
    event: Value,
}

impl FirstEvent {
    pub(crate) fn chain(&self) -> KnownChain {
        KnownChain::of(&self.chain, self.event.as_str().unwrap_or_default())
    }
}

/// Where an event is, and its digest.
#[derive(Debug, Deserialize)]
pub(crate) struct Place {
    pub(crate) sequence: u64,
    pub(crate) digest: String,
}

/// An item that is ready to be sent, and how long it is.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) value: Value,
    pub(crate) bytes: usize,
}

impl Item {
    pub(crate) fn new(item: &impl Serialize) -> Result<Self, serde_json::Error> {
        let value = serde_json::to_value(item)?;
        let bytes = value.to_string().len();
        Ok(Self { value, bytes })
    }

    /// What is listed of a chain, by its first event.
    pub(crate) fn first(admitted: &Admitted<'_>) -> Result<Self, DriverError> {
        let (sealed, event) = (admitted.sealed, &admitted.event);
        let made = Self::new(&serde_json::json!({
            "id": escaped(&event.database_id),
            "databaseId": LIST,
            "kind": LISTED,
            "chain": event.database_id,
            "event": sealed.text,
        }));
        fitting(made, &event.id)
    }

    /// An event's item; without its object where both would be too long.
    pub(crate) fn event(admitted: &Admitted<'_>) -> Result<Self, DriverError> {
        let (sealed, event) = (admitted.sealed, &admitted.event);
        let mut item = EventItem {
            id: escaped(&event.id),
            database_id: &event.database_id,
            sequence: event.sequence,
            action: event.action,
            environment: &event.environment,
            at: &event.at,
            migration: event.migration.as_deref(),
            run_id: &event.run,
            digest: &sealed.digest,
            signature: sealed.signature.as_deref(),
            event: &sealed.text,
            content: serde_json::to_value(event).ok(),
        };
        let mut made = Self::new(&item);
        if made.as_ref().is_ok_and(|made| made.bytes > LARGEST) {
            item.content = None;
            made = Self::new(&item);
        }
        fitting(made, &event.id)
    }
}

pub(crate) fn fitting(made: Result<Item, serde_json::Error>, id: &str) -> Result<Item, DriverError> {
    let refused = |kind, why: String| DriverError::new(kind, Operation::Record, format!("{id} {why}"));
    match made {
        Ok(made) if made.bytes <= LARGEST => Ok(made),
        Ok(made) => Err(refused(
            ErrorKind::Resources,
            format!("has {} bytes, and Cosmos DB takes 2 MB in an item", made.bytes),
        )),
        Err(error) => Err(refused(
            ErrorKind::Protocol,
            format!("cannot be written: {error}"),
        )),
    }
}

pub(crate) fn escaped(id: &str) -> String {
    utf8_percent_encode(id, NOT_IN_IDS).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_stands_beside_an_event_must_say_the_same() {
        let text = r#"{"action":"started","at":"x","databaseId":"a b","environment":"e","id":"a b:7","run":"r","sequence":7}"#;
        let item = |change: &dyn Fn(&mut serde_json::Map<String, Value>)| {
            let mut item = serde_json::json!({
                "id": "a%20b:7", "databaseId": "a b", "sequence": 7.0, "action": "started", "environment": "e", "at": "x",
                "runId": "r", "digest": "d", "event": text, "content": serde_json::from_str::<Value>(text).expect("JSON"),
            });
            change(item.as_object_mut().expect("an object"));
            serde_json::from_value::<KeptEvent>(item)
                .expect("an item")
                .remark()
        };
        assert_eq!(item(&|_| {}), None);
        for name in [
            "id",
            "databaseId",
            "sequence",
            "action",
            "environment",
            "at",
            "runId",
            "content",
        ] {
            let edited = item(&|fields| {
                fields.insert(name.to_owned(), "bob".into());
            });
            assert_eq!(
                edited.map(|found| (found.sequence, found.kind)),
                Some((Some(7), FindingKind::Differs)),
                "{name}"
            );
            if name != "content" {
                assert!(item(&|fields| drop(fields.remove(name))).is_some(), "{name}");
            }
        }
        let within = item(&|fields| {
            fields["content"]["action"] = "failed".into();
        });
        assert!(within.is_some());
        let gone = serde_json::from_value::<KeptEvent>(serde_json::json!({ "id": "x" })).expect("an item");
        assert_eq!(Sealed::from(gone).text, "");
    }
}
