//! What is in an item.

use dbvc_engine::audit::{Admitted, AuditAction, Container, Sealed};
use dbvc_engine::error::{DriverError, ErrorKind, Operation};
use percent_encoding::{AsciiSet, CONTROLS, utf8_percent_encode};
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

/// What is read of an event.
#[derive(Debug, Deserialize)]
pub(crate) struct KeptEvent {
    event: String,
    digest: String,
    #[serde(default)]
    signature: Option<String>,
}

impl From<KeptEvent> for Sealed {
    fn from(kept: KeptEvent) -> Self {
        Self {
            text: kept.event,
            digest: kept.digest,
            signature: kept.signature,
        }
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
