//! Documents as items: one, or several where the document is longer than an item may be.

use std::collections::BTreeMap;

use dbvc_engine::audit::{Container, Document, Finding, FindingKind};
use dbvc_engine::error::DriverError;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::item::{Item, LARGEST, escaped, fitting};

/// What a part of a document's text may have, as JSON has it; the rest of an item is far less than what is left.
const PART: usize = LARGEST - 100_000;

/// A document as it is kept: as a text, because the service reads JSON's numbers as floating point.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
struct DocumentItem<'a> {
    id: String,
    database_id: &'a str,
    kind: &'a str,
    document_id: &'a str,
    digest: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    part: Option<usize>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parts: Option<usize>,
    text: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    content: Option<&'a serde_json::Map<String, Value>>,
}

/// What is read of a document.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeptDocument {
    document_id: String,
    #[serde(default)]
    digest: String,
    #[serde(default)]
    parts: Option<usize>,
    text: String,
    /// The same as the text, for whoever looks into the container.
    #[serde(default)]
    content: Option<Value>,
}

/// What is read of its further parts.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeptPart {
    document_id: String,
    digest: String,
    part: usize,
    text: String,
}

/// A document's id, and the digest of its content.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(crate) struct KeptDigest {
    pub(crate) document_id: String,
    #[serde(default)]
    pub(crate) digest: String,
}

/// What further parts are called, so that nobody takes one for a document.
pub(crate) fn kind_of_parts(container: Container) -> String {
    format!("{}-part", container.name())
}

/// A document's items, in the order in which they are written. The first part comes last: a document is there when all of
/// it is. Parts have their document's digest in their ids, so that a later document with the same id does not mix with it.
pub(crate) fn items(container: Container, document: &Document) -> Result<Vec<Item>, DriverError> {
    let text = document.text();
    let digest = document.digest();
    let id = format!("{}:{}", container.name(), escaped(&document.id));
    let mut item = DocumentItem {
        id: id.clone(),
        database_id: &document.database_id,
        kind: container.name(),
        document_id: &document.id,
        digest: &digest,
        part: None,
        parts: None,
        text: &text,
        content: Some(&document.content),
    };
    for content in [item.content, None] {
        item.content = content;
        let made = Item::new(&item);
        if made.as_ref().is_ok_and(|made| made.bytes <= LARGEST) {
            return Ok(vec![fitting(made, &document.id)?]);
        }
    }
    let chunks = chunks(&text);
    let kind = kind_of_parts(container);
    let parts = chunks.iter().enumerate().rev().map(|(index, text)| {
        let number = index + 1;
        let first = index == 0;
        let made = Item::new(&DocumentItem {
            id: if first {
                id.clone()
            } else {
                format!("{id}:{digest}:{number:04}")
            },
            kind: if first { container.name() } else { &kind },
            part: Some(number),
            parts: first.then_some(chunks.len()),
            text,
            content: None,
            ..item
        });
        fitting(made, &document.id)
    });
    parts.collect()
}

/// Cuts a text so that each piece has at most [`PART`] bytes within JSON, where some signs are written longer.
fn chunks(text: &str) -> Vec<&str> {
    let mut chunks = Vec::new();
    let (mut start, mut bytes) = (0, 0);
    for (at, sign) in text.char_indices() {
        let written = match sign {
            '"' | '\\' | '\n' | '\r' | '\t' | '\u{8}' | '\u{c}' => 2,
            '\0'..='\u{1f}' => 6,
            other => other.len_utf8(),
        };
        if bytes + written > PART {
            chunks.push(&text[start..at]);
            (start, bytes) = (at, 0);
        }
        bytes += written;
    }
    chunks.push(&text[start..]);
    chunks
}

/// The texts of further parts, by document, digest and number.
pub(crate) type Parts = BTreeMap<(String, String, usize), String>;

pub(crate) fn by_place(parts: Vec<KeptPart>) -> Parts {
    let places = parts.into_iter();
    places
        .map(|kept| ((kept.document_id, kept.digest, kept.part), kept.text))
        .collect()
}

impl KeptDocument {
    /// Whether it has more parts than this one.
    pub(crate) fn is_in_parts(&self) -> bool {
        self.parts.is_some_and(|parts| parts > 1)
    }

    /// Where it says one thing for people and another in the text that counts.
    pub(crate) fn remark(&self) -> Option<Finding> {
        let shown = self.content.as_ref()?;
        let counts: Option<Value> = serde_json::from_str(&self.text).ok();
        (counts.as_ref() != Some(shown)).then(|| Finding {
            place: String::new(),
            sequence: None,
            kind: FindingKind::Differs,
            message: format!(
                "the document {} says one thing in `text` and another in `content`",
                self.document_id
            ),
            differences: Vec::new(),
        })
    }

    pub(crate) fn into_document(self, database_id: &str, parts: &Parts) -> Result<Document, DriverError> {
        let unreadable = |why: &str| Document::unreadable(&self.document_id, why);
        let mut text = self.text.clone();
        for number in 2..=self.parts.unwrap_or(1) {
            let place = (self.document_id.clone(), self.digest.clone(), number);
            let part = parts.get(&place);
            text.push_str(part.ok_or_else(|| unreadable(&format!("part {number} is not there")))?);
        }
        Document::read(self.document_id, database_id, &text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn document(id: &str, text: &str) -> Document {
        let mut content = serde_json::Map::new();
        content.insert("text".into(), Value::String(text.into()));
        Document {
            id: id.to_owned(),
            database_id: "shop".into(),
            content,
        }
    }

    #[test]
    fn an_id_holds_nothing_that_the_service_refuses() {
        let items = items(Container::Migrations, &document("a/b\\c?d#e%f ", "x")).expect("items");
        assert_eq!(items[0].value["id"], "migrations:a%2Fb%5Cc%3Fd%23e%25f%20");
        assert_eq!(items[0].value["documentId"], "a/b\\c?d#e%f ");
    }

    #[test]
    fn a_long_document_is_kept_once_instead_of_twice() {
        let long = document("a", &"x".repeat(1_000_000));
        let items = items(Container::SchemaSnapshots, &long).expect("items");
        assert_eq!(items.len(), 1);
        assert!(items[0].value.get("content").is_none() && items[0].bytes < LARGEST);
    }

    #[test]
    fn a_longer_one_is_cut_and_whole_again() {
        let long = document("a", &"\"ä 🦀\\\n\u{1}".repeat(500_000));
        let items = items(Container::SchemaSnapshots, &long).expect("items");
        assert!(items.len() > 3 && items.iter().all(|item| item.bytes <= LARGEST));
        let (first, further) = items.split_last().expect("a first part");
        assert_eq!(first.value["kind"], "schema-snapshots");
        let head: KeptDocument = serde_json::from_value(first.value.clone()).expect("a document");
        assert!(head.is_in_parts());
        let further = further
            .iter()
            .map(|item| serde_json::from_value(item.value.clone()).expect("a part"));
        let mut parts = by_place(further.collect());
        assert_eq!(
            parts.len() + 1,
            head.parts.expect("parts"),
            "each has a place of its own"
        );
        let head_again: KeptDocument = serde_json::from_value(first.value.clone()).expect("a document");
        assert_eq!(head_again.into_document("shop", &parts).expect("whole"), long);
        parts.pop_last();
        let error = head.into_document("shop", &parts).expect_err("a part is gone");
        assert!(error.message.contains("is not there"), "{error}");
    }

    #[test]
    fn what_is_shown_to_people_must_be_what_counts() {
        let items = items(Container::Migrations, &document("a", "x")).expect("items");
        let mut value = items[0].value.clone();
        let kept: KeptDocument = serde_json::from_value(value.clone()).expect("a document");
        assert_eq!(kept.remark(), None);
        value["content"]["text"] = "y".into();
        let kept: KeptDocument = serde_json::from_value(value).expect("a document");
        let told = kept.remark().expect("a remark");
        assert_eq!(told.kind, FindingKind::Differs);
        assert!(told.message.contains("the document a says"), "{}", told.message);
    }
}
