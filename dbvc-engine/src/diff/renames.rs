//! What may be the same under another name.

use std::collections::BTreeSet;

use serde_json::Value;

use super::shape::{fields, shape};
use super::{Change, PartChange, PartWhat, Rename, What};
use crate::schema::{Body, Object, ObjectKey};

/// Above so many pairs nobody reads hints, and finding them would take long.
const MOST_PAIRS: usize = 10_000;
/// So many of the columns must be the same for two tables to be taken for one.
const ALIKE: f64 = 0.6;

/// Finds hints among the changes.
pub(super) fn find(changes: &[Change]) -> Vec<Rename> {
    let mut found = objects(changes);
    for change in changes {
        if let What::Changed { parts, .. } = &change.what {
            found.extend(parts_of(&change.object, parts));
        }
    }
    found
}

fn objects(changes: &[Change]) -> Vec<Rename> {
    let gone: Vec<_> = changes
        .iter()
        .filter_map(|change| match &change.what {
            What::Removed { object } => Some((&change.object, object.as_ref())),
            _ => None,
        })
        .collect();
    let come: Vec<_> = changes
        .iter()
        .filter_map(|change| match &change.what {
            What::Added { object } => Some((&change.object, object.as_ref())),
            _ => None,
        })
        .collect();
    if gone.len().saturating_mul(come.len()) > MOST_PAIRS {
        return Vec::new();
    }
    let mut pairs = Vec::new();
    for (from, old) in &gone {
        for (to, new) in come.iter().filter(|(to, _)| to.kind == from.kind) {
            let exact = same(from, old, to, new);
            let score = if exact { 2.0 } else { alike(old, new) };
            if score >= ALIKE {
                let score = score + strsim::jaro_winkler(&from.name, &to.name);
                pairs.push((score, exact, *from, *to));
            }
        }
    }
    best(pairs, |exact, from, to| Rename {
        within: None,
        what: from.kind.word().to_owned(),
        from: from.full_name(),
        to: to.full_name(),
        exact,
    })
}

/// Takes the best pair first, and each side once.
fn best<K: Ord + Copy>(
    mut pairs: Vec<(f64, bool, K, K)>,
    make: impl Fn(bool, K, K) -> Rename,
) -> Vec<Rename> {
    pairs.sort_by(|one, other| {
        let by_score = other.0.total_cmp(&one.0);
        by_score.then_with(|| (one.2, one.3).cmp(&(other.2, other.3)))
    });
    let (mut used, mut taken) = (BTreeSet::new(), BTreeSet::new());
    let mut found = Vec::new();
    for (_, exact, from, to) in pairs {
        if !used.contains(&from) && !taken.contains(&to) {
            used.insert(from);
            taken.insert(to);
            found.push(make(exact, from, to));
        }
    }
    found
}

/// Whether two objects differ in nothing but their names; a definition may hold its own name.
fn same(from: &ObjectKey, old: &Object, to: &ObjectKey, new: &Object) -> bool {
    let text = |object: &Object| Value::Object(fields(&object.body)).to_string();
    let old = text(old).replace(&from.name, &to.name);
    let new = text(new);
    match (&from.parent, &to.parent) {
        (Some(from), Some(to)) => old.replace(from.as_str(), to) == new,
        _ => old == new,
    }
}

/// How much of two tables is the same, from 0 to 1.
#[allow(clippy::cast_precision_loss, reason = "no table has so many columns")]
fn alike(old: &Object, new: &Object) -> f64 {
    let (Body::Table(old), Body::Table(new)) = (&old.body, &new.body) else {
        return 0.0;
    };
    let same = old
        .columns
        .iter()
        .filter(|(name, column)| {
            let twin = new.columns.get(*name);
            twin.is_some_and(|twin| twin.data_type == column.data_type)
        })
        .count();
    let all = old.columns.len().max(new.columns.len()).max(1);
    // One column in common says nothing.
    if same < 2 { 0.0 } else { same as f64 / all as f64 }
}

fn parts_of(within: &ObjectKey, parts: &[PartChange]) -> Vec<Rename> {
    let mut pairs = Vec::new();
    for from in parts {
        let PartWhat::Removed { value: old } = &from.what else {
            continue;
        };
        for to in parts.iter().filter(|to| to.part == from.part) {
            let PartWhat::Added { value: new } = &to.what else {
                continue;
            };
            let exact = shape(old) == shape(new);
            // A column of another type is hardly the same one.
            let likely = exact || (from.part == "column" && old.get("type") == new.get("type"));
            let near = strsim::jaro_winkler(&from.name, &to.name);
            if exact || (likely && near > 0.8) {
                let score = if exact { 1.0 + near } else { near };
                pairs.push((
                    score,
                    exact,
                    (from.part, from.name.as_str()),
                    (to.part, to.name.as_str()),
                ));
            }
        }
    }
    best(pairs, |exact, (part, from), (_, to)| Rename {
        within: Some(within.clone()),
        what: part.to_owned(),
        from: from.to_owned(),
        to: to.to_owned(),
        exact,
    })
}
