//! Canonical JSON: the same model always gives the same bytes.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::{Database, Object, ObjectKey};

/// The version of the form that is written and read.
pub const FORMAT_VERSION: u32 = 1;
const FORMAT: &str = "dbvc-schema";

/// Why a snapshot could not be read.
#[derive(Debug, thiserror::Error)]
pub enum SnapshotError {
    /// It is no JSON of this form.
    #[error("this is no snapshot of a schema: {0}")]
    Malformed(#[from] serde_json::Error),
    /// It is another JSON.
    #[error("this is no snapshot of a schema: its format is `{0}`, not `{FORMAT}`")]
    Format(String),
    /// A newer dbvc wrote it.
    #[error("this snapshot has version {0} of its format, and this dbvc reads version {FORMAT_VERSION}")]
    Version(u32),
    /// There is something in it that would be lost.
    #[error("{object} in the snapshot says something that this dbvc does not know: `{path}`")]
    Unknown {
        /// The object.
        object: String,
        /// Where in it.
        path: String,
    },
    /// An object stands in it twice.
    #[error("{0} stands in the snapshot twice")]
    Twice(String),
}

#[derive(Serialize)]
struct Written<'a> {
    format: &'a str,
    format_version: u32,
    dialect: &'a str,
    objects: Vec<Named<'a>>,
}

/// The kind is in the object's body.
#[derive(Serialize)]
struct Named<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    schema: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    parent: Option<&'a str>,
    name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    arguments: Option<&'a str>,
    #[serde(flatten)]
    object: &'a Object,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Read {
    format: String,
    format_version: u32,
    dialect: String,
    objects: Vec<Value>,
}

#[derive(Deserialize)]
struct ReadObject {
    #[serde(default)]
    schema: Option<String>,
    #[serde(default)]
    parent: Option<String>,
    name: String,
    #[serde(default)]
    arguments: Option<String>,
    #[serde(flatten)]
    object: Object,
}

fn named<'a>(key: &'a ObjectKey, object: &'a Object) -> Named<'a> {
    Named {
        schema: key.schema.as_deref(),
        parent: key.parent.as_deref(),
        name: &key.name,
        arguments: key.arguments.as_deref(),
        object,
    }
}

impl Database {
    /// The model as canonical JSON, with a line feed at its end: the same model always gives the same bytes.
    pub fn to_json(&self) -> String {
        let written = Written {
            format: FORMAT,
            format_version: FORMAT_VERSION,
            dialect: &self.dialect,
            objects: self
                .objects
                .iter()
                .map(|(key, object)| named(key, object))
                .collect(),
        };
        // Maps with text keys and plain values only: nothing in it can fail.
        let mut text = serde_json::to_string_pretty(&written).unwrap_or_default();
        text.push('\n');
        text
    }

    /// Reads what [`to_json`](Self::to_json) wrote. Refuses what it would lose, so that two snapshots that differ never
    /// read as equal.
    pub fn from_json(text: &str) -> Result<Self, SnapshotError> {
        let value: Value = serde_json::from_str(text)?;
        let format = value.get("format").and_then(Value::as_str).unwrap_or_default();
        if format != FORMAT {
            return Err(SnapshotError::Format(format.to_owned()));
        }
        let version = value.get("format_version").and_then(Value::as_u64);
        if version != Some(u64::from(FORMAT_VERSION)) {
            let version = version.unwrap_or_default();
            return Err(SnapshotError::Version(u32::try_from(version).unwrap_or(u32::MAX)));
        }
        let read: Read = serde_json::from_value(value)?;
        debug_assert_eq!(
            (read.format.as_str(), read.format_version),
            (FORMAT, FORMAT_VERSION)
        );
        let mut objects = BTreeMap::new();
        for value in read.objects {
            let (key, object) = object(&value)?;
            let told = key.to_string();
            if objects.insert(key, object).is_some() {
                return Err(SnapshotError::Twice(told));
            }
        }
        Ok(Self {
            dialect: read.dialect,
            objects,
        })
    }
}

fn object(value: &Value) -> Result<(ObjectKey, Object), SnapshotError> {
    let read: ReadObject = serde_json::from_value(value.clone())?;
    let key = ObjectKey {
        kind: read.object.body.kind(),
        schema: read.schema,
        parent: read.parent,
        name: read.name,
        arguments: read.arguments,
    };
    let kept = serde_json::to_value(named(&key, &read.object))?;
    match lost(value, &kept) {
        None => Ok((key, read.object)),
        Some(path) => Err(SnapshotError::Unknown {
            object: key.to_string(),
            path: path.trim_start_matches('.').to_owned(),
        }),
    }
}

/// Where `read` says something that `kept` does not.
fn lost(read: &Value, kept: &Value) -> Option<String> {
    match (read, kept) {
        (Value::Object(read), Value::Object(kept)) => read.iter().find_map(|(name, value)| {
            let inner = match kept.get(name) {
                Some(kept) => lost(value, kept)?,
                None if is_nothing(value) => return None,
                None => String::new(),
            };
            Some(format!(".{name}{inner}"))
        }),
        (Value::Array(read), Value::Array(kept)) if read.len() == kept.len() => {
            read.iter().zip(kept).find_map(|(read, kept)| lost(read, kept))
        }
        (read, kept) => (read != kept).then(String::new),
    }
}

/// What a field that is left out means.
fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null | Value::Bool(false) => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(fields) => fields.is_empty(),
        Value::Bool(true) | Value::Number(_) => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::sample::shop;

    #[test]
    fn what_is_written_reads_back_equal_and_writes_the_same_bytes() {
        let text = shop().to_json();
        let read = Database::from_json(&text).expect("read back");
        assert_eq!(read, shop());
        assert_eq!(read.to_json(), text);
        assert!(text.ends_with("}\n"));
    }

    #[test]
    fn another_json_is_refused_by_name() {
        let refused = |text: &str| Database::from_json(text).expect_err("refused").to_string();
        assert!(refused("{}").contains("its format is ``"));
        assert!(refused("[").contains("no snapshot"));
        let newer = shop()
            .to_json()
            .replace("\"format_version\": 1", "\"format_version\": 2");
        assert!(refused(&newer).contains("version 2"));
    }

    #[test]
    fn what_would_be_lost_is_refused_with_its_place() {
        let text = shop()
            .to_json()
            .replacen("\"nullable\": false", "\"nullable\": false, \"masked\": 1", 1);
        let told = Database::from_json(&text).expect_err("refused").to_string();
        assert!(told.contains("masked"), "{told}");
        assert!(told.contains("columns"), "{told}");
    }

    #[test]
    fn an_object_that_stands_there_twice_is_refused() {
        let mut value: Value = serde_json::from_str(&shop().to_json()).expect("JSON");
        let objects = value["objects"].as_array_mut().expect("a list");
        let first = objects[0].clone();
        objects.push(first);
        let told = Database::from_json(&value.to_string()).expect_err("refused");
        assert!(matches!(told, SnapshotError::Twice(_)), "{told}");
    }
}
