//! Nothing that a model holds is overlooked: every leaf of a schema is changed in turn.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::diff::{DiffOptions, diff};
use crate::schema::Database;
use crate::schema::sample::shop;

/// What the comparison leaves out on purpose: it follows from the rest.
const DERIVED: &[&str] = &["/requires/", "/family", "/position", "/generated_name"];

fn leaves(value: &Value, path: &str, found: &mut Vec<String>) {
    match value {
        Value::Object(fields) => {
            for (name, inner) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                leaves(inner, &format!("{path}/{name}"), found);
            }
        }
        Value::Array(items) => {
            for (index, inner) in items.iter().enumerate() {
                leaves(inner, &format!("{path}/{index}"), found);
            }
        }
        _ => found.push(path.to_owned()),
    }
}

/// Other values of the same sort, and what else a reader may take in its place.
fn others(value: &Value) -> Vec<Value> {
    match value {
        Value::Bool(flag) => vec![json!(!flag)],
        Value::Number(number) => vec![json!(number.as_i64().unwrap() - 1)],
        Value::String(text) => [
            format!("{text} "),
            "first".to_owned(),
            "deferred".to_owned(),
            "procedure".to_owned(),
        ]
        .into_iter()
        .map(Value::String)
        .collect(),
        _ => Vec::new(),
    }
}

fn paths() -> Vec<String> {
    let value: Value = serde_json::from_str(&shop().to_json()).unwrap();
    let mut found = Vec::new();
    leaves(&value["objects"], "/objects", &mut found);
    found.retain(|path| !DERIVED.iter().any(|part| path.contains(part)));
    found
}

fn changed_at(path: &str) -> Vec<Database> {
    let value: Value = serde_json::from_str(&shop().to_json()).unwrap();
    let read = others(value.pointer(path).unwrap())
        .into_iter()
        .filter_map(|other| {
            let mut value = value.clone();
            *value.pointer_mut(path).unwrap() = other;
            Database::from_json(&value.to_string()).ok()
        });
    read.filter(|changed| *changed != shop()).collect()
}

#[test]
fn every_change_of_a_single_leaf_is_found() {
    let paths = paths();
    assert!(paths.len() > 120, "{}", paths.len());
    let mut never = Vec::new();
    for path in &paths {
        let changed = changed_at(path);
        for changed in &changed {
            let there = diff(&shop(), changed, DiffOptions::default());
            let back = diff(changed, &shop(), DiffOptions::default());
            assert!(!there.is_empty() && !back.is_empty(), "{path} is overlooked");
        }
        if changed.is_empty() {
            never.push(path);
        }
    }
    // What has one allowed value only, such as an object's kind.
    let fixed = |path: &&&String| !path.ends_with("/kind") && !path.ends_with("/form");
    assert_eq!(never.iter().filter(fixed).count(), 0, "{never:?}");
}

#[test]
fn every_part_that_goes_or_comes_is_found() {
    let value: Value = serde_json::from_str(&shop().to_json()).unwrap();
    let mut tried = 0;
    for path in paths() {
        let steps: Vec<&str> = path.split('/').collect();
        for depth in 3..=steps.len() {
            let (parent, last) = (steps[..depth - 1].join("/"), steps[depth - 1]);
            let mut value = value.clone();
            match value.pointer_mut(&parent).unwrap() {
                Value::Object(fields) => {
                    let name = last.replace("~1", "/").replace("~0", "~");
                    fields.remove(&name);
                }
                Value::Array(items) => drop(items.remove(last.parse().unwrap())),
                _ => unreachable!("a leaf has nothing below it"),
            }
            let Ok(without) = Database::from_json(&value.to_string()) else {
                continue;
            };
            if without == shop() {
                continue;
            }
            tried += 1;
            for (before, after) in [(&shop(), &without), (&without, &shop())] {
                let found = diff(before, after, DiffOptions::default());
                assert!(!found.is_empty(), "without {parent}/{last} nothing is found");
            }
        }
    }
    assert!(tried > 100, "{tried}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// In whatever order objects are met, the model is the same, and equal to itself.
    #[test]
    fn the_order_of_maps_does_not_matter(seed in any::<Vec<u8>>()) {
        let mut value: Value = serde_json::from_str(&shop().to_json()).unwrap();
        let objects = value["objects"].as_array_mut().unwrap();
        for (index, byte) in seed.iter().enumerate() {
            let count = objects.len();
            objects.swap(index % count, usize::from(*byte) % count);
        }
        let read = Database::from_json(&value.to_string()).unwrap();
        prop_assert!(diff(&shop(), &read, DiffOptions::default()).is_empty());
        prop_assert_eq!(read.to_json(), shop().to_json());
    }

    /// Several changes at once are found as well, and there and back are mirror images in number.
    #[test]
    fn there_and_back_find_the_same_objects(chosen in proptest::collection::vec(any::<prop::sample::Index>(), 1..6)) {
        let mut value: Value = serde_json::from_str(&shop().to_json()).unwrap();
        let paths = paths();
        for index in chosen {
            let path = index.get(&paths);
            for other in others(value.pointer(path).unwrap()) {
                let mut tried = value.clone();
                *tried.pointer_mut(path).unwrap() = other;
                if Database::from_json(&tried.to_string()).is_ok() {
                    value = tried;
                    break;
                }
            }
        }
        let changed = Database::from_json(&value.to_string()).unwrap();
        let there = diff(&shop(), &changed, DiffOptions::default());
        let back = diff(&changed, &shop(), DiffOptions::default());
        let (added, same, removed) = there.counts();
        prop_assert_eq!(back.counts(), (removed, same, added));
        prop_assert_eq!(there.is_empty(), changed == shop());
    }
}
