//! What a value is without the names that only stand for it.

use serde::Serialize;
use serde_json::{Map, Value};

/// The fields that hold parts by name, and what one of them is called.
pub(super) const PARTS: &[(&str, &str)] = &[
    ("columns", "column"),
    ("keys", "key"),
    ("foreign_keys", "foreign key"),
    ("checks", "check"),
    ("exclusions", "exclusion"),
    ("indexes", "index"),
    ("policies", "policy"),
];

/// Fields whose entries are facts of their own, so that a missing map is an empty one.
pub(super) const MAPS: &[&str] = &["grants", "options"];

/// A fact about the name, derived from it.
pub(super) const GENERATED: &str = "generated_name";
/// Told by the order of all columns instead.
pub(super) const POSITION: &str = "position";
/// Follows from the rest, as far as the database tells it.
pub(super) const REQUIRES: &str = "requires";

/// What a value writes of itself. Every value of the model writes a map with text keys, which cannot fail.
pub(super) fn fields(value: &impl Serialize) -> Map<String, Value> {
    match serde_json::to_value(value) {
        Ok(Value::Object(fields)) => fields,
        _ => Map::new(),
    }
}

/// The entries of a field that may be missing.
pub(super) fn entries<'a>(fields: &'a Map<String, Value>, name: &str) -> Option<&'a Map<String, Value>> {
    fields.get(name).and_then(Value::as_object)
}

/// A part without its place and without what only its name makes true.
pub(super) fn shape(part: &Value) -> Value {
    let mut part = part.clone();
    if let Some(fields) = part.as_object_mut() {
        fields.remove(GENERATED);
        fields.remove(POSITION);
    }
    part
}

/// Whether the database made up a part's name.
pub(super) fn is_generated(part: &Value) -> bool {
    part.get(GENERATED).and_then(Value::as_bool) == Some(true)
}

/// A type is what the database writes; the family follows from it.
pub(super) fn raw_type(value: &Value) -> Option<&Value> {
    let fields = value.as_object()?;
    if fields.len() == 2 && fields.contains_key("family") {
        fields.get("raw")
    } else {
        None
    }
}
