//! What is in an item.

use dbvc_engine::audit::{Admitted, AuditAction, Container, Document, Sealed};
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
const LARGEST: usize = 1_900_000;

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

/// A document as it is kept: as a text for the same reason as an event.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DocumentItem<'a> {
    id: String,
    database_id: &'a str,
    kind: &'static str,
    document_id: &'a str,
    text: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a serde_json::Map<String, Value>>,
}

/// What is read of a document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeptDocument {
    document_id: String,
    text: String,
}

impl KeptDocument {
    pub(crate) fn into_document(self, database_id: &str) -> Result<Document, DriverError> {
        let content = serde_json::from_str(&self.text).map_err(|error| {
            let message = format!("the document {} cannot be read: {error}", self.document_id);
            DriverError::new(ErrorKind::Protocol, Operation::Record, message)
        })?;
        Ok(Document {
            id: self.document_id,
            database_id: database_id.to_owned(),
            content,
        })
    }
}

/// An item that is ready to be sent, and how long it is.
#[derive(Debug, Clone)]
pub(crate) struct Item {
    pub(crate) value: Value,
    pub(crate) bytes: usize,
}

impl Item {
    fn new(item: &impl Serialize) -> Result<Self, serde_json::Error> {
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

    /// A document's item; the same.
    pub(crate) fn document(container: Container, document: &Document) -> Result<Self, DriverError> {
        let mut item = DocumentItem {
            id: format!("{}:{}", container.name(), escaped(&document.id)),
            database_id: &document.database_id,
            kind: container.name(),
            document_id: &document.id,
            text: Value::Object(document.content.clone()).to_string(),
            content: Some(&document.content),
        };
        let mut made = Self::new(&item);
        if made.as_ref().is_ok_and(|made| made.bytes > LARGEST) {
            item.content = None;
            made = Self::new(&item);
        }
        fitting(made, &document.id)
    }
}

fn fitting(made: Result<Item, serde_json::Error>, id: &str) -> Result<Item, DriverError> {
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

fn escaped(id: &str) -> String {
    utf8_percent_encode(id, NOT_IN_IDS).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(id: &str, bytes: usize) -> Document {
        let mut content = serde_json::Map::new();
        content.insert("text".into(), Value::String("x".repeat(bytes)));
        Document {
            id: id.to_owned(),
            database_id: "shop".into(),
            content,
        }
    }

    #[test]
    fn an_id_holds_nothing_that_the_service_refuses() {
        let item = Item::document(Container::Migrations, &document("a/b\\c?d#e%f ", 1)).expect("an item");
        assert_eq!(item.value["id"], "migrations:a%2Fb%5Cc%3Fd%23e%25f%20");
        assert_eq!(item.value["documentId"], "a/b\\c?d#e%f ");
    }

    #[test]
    fn a_long_document_is_kept_once_instead_of_twice() {
        let item = Item::document(Container::SchemaSnapshots, &document("a", 1_000_000)).expect("an item");
        assert!(item.value.get("content").is_none() && item.bytes < LARGEST);
        let error =
            Item::document(Container::SchemaSnapshots, &document("a", 2_000_000)).expect_err("too long");
        assert!(error.message.contains("2 MB"), "{error}");
    }
}
