//! What two objects of one name differ in.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::shape::{
    GENERATED, MAPS, PARTS, POSITION, REQUIRES, entries, fields, is_generated, raw_type, shape,
};
use super::{DiffOptions, FieldChange, PartChange, PartWhat, What};
use crate::schema::Object;

type Fields = Map<String, Value>;

/// How `new` differs from `old`; none where it does not.
pub(super) fn changed(old: &Object, new: &Object, options: DiffOptions) -> Option<What> {
    if old == new {
        return None;
    }
    let (before, after) = (fields(old), fields(new));
    let mut told = Vec::new();
    compare(&before, &after, "", options, true, &mut told);
    let mut parts = Vec::new();
    for (field, word) in PARTS {
        let empty = Fields::new();
        let old = entries(&before, field).unwrap_or(&empty);
        let new = entries(&after, field).unwrap_or(&empty);
        if old == new {
            continue;
        }
        if *field == "columns" && options.column_order {
            told.extend(order_of_columns(old, new));
        }
        compare_parts(old, new, word, options, &mut parts);
    }
    let differs = !told.is_empty() || !parts.is_empty();
    differs.then_some(What::Changed { fields: told, parts })
}

/// The facts of two maps that differ. `top` for an object, whose parts are compared elsewhere.
fn compare(
    before: &Fields,
    after: &Fields,
    path: &str,
    options: DiffOptions,
    top: bool,
    told: &mut Vec<FieldChange>,
) {
    let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
    for name in names {
        let (old, new) = (before.get(name), after.get(name));
        if old == new || is_left_out(name, path, options) {
            continue;
        }
        if top && PARTS.iter().any(|(field, _)| field == name) {
            continue;
        }
        let path = format!("{path}{name}");
        let deeper = match (old, new) {
            (Some(Value::Object(old)), Some(Value::Object(new))) => Some((old.clone(), new.clone())),
            (Some(Value::Object(old)), None) if MAPS.contains(&name.as_str()) => {
                Some((old.clone(), Fields::new()))
            }
            (None, Some(Value::Object(new))) if MAPS.contains(&name.as_str()) => {
                Some((Fields::new(), new.clone()))
            }
            _ => None,
        };
        match (deeper, old.and_then(raw_type), new.and_then(raw_type)) {
            (_, Some(old), Some(new)) if old == new => {}
            (_, Some(old), Some(new)) => told.push(FieldChange {
                field: path,
                before: old.clone(),
                after: new.clone(),
            }),
            (Some((old, new)), ..) => compare(&old, &new, &format!("{path}."), options, false, told),
            (None, ..) => told.push(FieldChange {
                field: path,
                before: old.cloned().unwrap_or_default(),
                after: new.cloned().unwrap_or_default(),
            }),
        }
    }
}

fn is_left_out(name: &str, path: &str, options: DiffOptions) -> bool {
    // Within an option or a right any name may stand.
    if !path.is_empty() {
        return false;
    }
    match name {
        GENERATED | POSITION | REQUIRES => true,
        "owner" => !options.owners,
        "grants" => !options.grants,
        _ => false,
    }
}

/// Columns that are new or gone move the others without anybody having moved them, so only those that stay count.
fn order_of_columns(old: &Fields, new: &Fields) -> Option<FieldChange> {
    let order = |of: &Fields, other: &Fields| {
        let kept = of.iter().filter(|(name, _)| other.contains_key(*name));
        let by_place: BTreeMap<(u64, String), Value> = kept
            .map(|(name, column)| {
                let place = column.get(POSITION).and_then(Value::as_u64).unwrap_or_default();
                ((place, name.clone()), Value::String(name.clone()))
            })
            .collect();
        by_place.into_values().collect::<Vec<_>>()
    };
    let (before, after) = (order(old, new), order(new, old));
    (before != after).then(|| FieldChange {
        field: "order of columns".to_owned(),
        before: before.into(),
        after: after.into(),
    })
}

fn compare_parts(
    old: &Fields,
    new: &Fields,
    word: &'static str,
    options: DiffOptions,
    told: &mut Vec<PartChange>,
) {
    let (mut gone, mut come) = (BTreeMap::new(), BTreeMap::new());
    let names: BTreeSet<&String> = old.keys().chain(new.keys()).collect();
    for name in names {
        match (old.get(name), new.get(name)) {
            // Where names are made up, one that went and one that came may have changed places.
            (Some(before), Some(after)) if is_generated(before) && is_generated(after) => {
                gone.insert(name, before);
                come.insert(name, after);
            }
            (Some(before), Some(after)) => told.extend(changed_part(word, name, before, after, options)),
            (Some(before), None) => drop(gone.insert(name, before)),
            (None, Some(after)) => drop(come.insert(name, after)),
            (None, None) => {}
        }
    }
    pair_generated(&mut gone, &mut come);
    gone.retain(|name, before| match come.remove(name) {
        Some(after) => {
            told.extend(changed_part(word, name, before, after, options));
            false
        }
        None => true,
    });
    told.extend(gone.into_iter().map(|(name, value)| {
        let value = value.clone();
        part(word, name, PartWhat::Removed { value })
    }));
    told.extend(come.into_iter().map(|(name, value)| {
        let value = value.clone();
        part(word, name, PartWhat::Added { value })
    }));
}

fn changed_part(
    word: &'static str,
    name: &str,
    before: &Value,
    after: &Value,
    options: DiffOptions,
) -> Option<PartChange> {
    let mut fields = Vec::new();
    compare(
        before.as_object()?,
        after.as_object()?,
        "",
        options,
        false,
        &mut fields,
    );
    (!fields.is_empty()).then(|| part(word, name, PartWhat::Changed { fields }))
}

fn part(word: &'static str, name: &str, what: PartWhat) -> PartChange {
    PartChange {
        part: word,
        name: name.to_owned(),
        what,
    }
}

/// Names that the database made up are compared by shape: where both sides have the same under two such names, nothing
/// differs.
fn pair_generated(gone: &mut BTreeMap<&String, &Value>, come: &mut BTreeMap<&String, &Value>) {
    gone.retain(|_, before| {
        if !is_generated(before) {
            return true;
        }
        let twin = come
            .iter()
            .find(|(_, after)| is_generated(after) && shape(after) == shape(before))
            .map(|(name, _)| *name);
        twin.and_then(|name| come.remove(name)).is_none()
    });
}
