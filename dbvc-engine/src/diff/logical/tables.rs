//! Tables of two systems.

use std::collections::{BTreeMap, BTreeSet};

use super::counting::{Counting, Told, is_counted_key};
use super::families::{Kinship, kinship};
use super::{Parity, Side};
use crate::schema::{Column, ForeignKey, IndexPart, ObjectKey, Table};

pub(super) fn compare(found: &mut Parity, key: &ObjectKey, one: Told<'_>, other: Told<'_>) {
    columns(found, key, one, other);
    let (one, other) = (one.table, other.table);
    let only = (found.only(Side::One), found.only(Side::Other));
    let mut sets = |what: &str, left: BTreeSet<String>, right: BTreeSet<String>| {
        for (some, only) in [
            (left.difference(&right), &only.0),
            (right.difference(&left), &only.1),
        ] {
            for text in some {
                found.differs(key, format!("{what} {text} {only}"));
            }
        }
    };
    sets("primary key", primary(one), primary(other));
    sets("unique key", unique(one), unique(other));
    sets("foreign key", references(one), references(other));
    sets("index", indexes(one), indexes(other));
    if one.checks.len() != other.checks.len() {
        let counts = (one.checks.len(), other.checks.len());
        let (one, other) = (found.place(Side::One), found.place(Side::Other));
        found.differs(key, format!("checks: {} {one}, {} {other}", counts.0, counts.1));
    } else if !one.checks.is_empty() {
        found.gap(key, "the text of its checks is not compared");
    }
    if one.partitioning.is_some() != other.partitioning.is_some() {
        found.differs(key, "partitioned on one side only");
    } else if one.partitioning.is_some() {
        found.gap(key, "how it is partitioned is not compared");
    }
    let expressions = [one, other]
        .into_iter()
        .flat_map(|table| table.indexes.values())
        .filter(|index| by_columns(&index.parts).is_none())
        .count();
    for (count, what) in [
        (expressions, "indexes on expressions are not compared"),
        (
            one.policies.len() + other.policies.len(),
            "policies are not compared across systems",
        ),
        (
            one.exclusions.len() + other.exclusions.len(),
            "exclusion constraints are not compared across systems",
        ),
    ] {
        if count > 0 {
            found.gap(key, what);
        }
    }
}

fn lower(columns: &BTreeMap<String, Column>) -> BTreeMap<String, &Column> {
    columns
        .iter()
        .map(|(name, it)| (name.to_lowercase(), it))
        .collect()
}

fn columns(found: &mut Parity, key: &ObjectKey, one: Told<'_>, other: Told<'_>) {
    let (left, right) = (lower(&one.table.columns), lower(&other.table.columns));
    let only = (found.only(Side::One), found.only(Side::Other));
    for (name, column) in &left {
        match right.get(name) {
            Some(twin) => {
                // A counted key of SQLite is never NULL, and the catalogue does not say so (sqlite.org,
                // `lang_createtable.html`, "ROWIDs and the INTEGER PRIMARY KEY").
                let counted = is_counted_key(one.table, name) && is_counted_key(other.table, name);
                if column.nullable != twin.nullable && !counted {
                    found.differs(key, format!("column {name} may be NULL on one side only"));
                }
                let counting = (one.counting(name, column), other.counting(name, twin));
                pair(found, key, name, (column, twin), counting);
            }
            None => found.differs(key, format!("column {name} {}", only.0)),
        }
    }
    for name in right.keys().filter(|name| !left.contains_key(*name)) {
        found.differs(key, format!("column {name} {}", only.1));
    }
}

fn pair(
    found: &mut Parity,
    key: &ObjectKey,
    name: &str,
    (one, other): (&Column, &Column),
    counting: (Counting, Counting),
) {
    let types = format!("{} and {}", one.data_type, other.data_type);
    match kinship(one.data_type.family, other.data_type.family) {
        Kinship::Same => {}
        Kinship::Near(lost) => found.gap(key, format!("column {name}: {types}: {lost}")),
        Kinship::Strange => found.differs(key, format!("column {name}: {types}")),
    }
    if !counting.0.fits(counting.1) {
        found.differs(key, format!("column {name} counts up on one side only"));
        return;
    }
    match (&one.default, &other.default) {
        // A sequence's next number stands as a default where that is how a column counts.
        _ if counting.0 != Counting::Never && counting.1 != Counting::Never => {}
        (Some(before), Some(after)) if plain(before) != plain(after) => {
            found.gap(
                key,
                format!("column {name}: defaults {before} and {after} are not compared"),
            );
        }
        (Some(_), None) | (None, Some(_)) => {
            found.differs(key, format!("column {name} has a default on one side only"));
        }
        _ => {}
    }
    match (&one.generated, &other.generated) {
        (Some(_), Some(_)) => found.gap(key, format!("column {name}: how it is computed is not compared")),
        (None, None) => {}
        _ => found.differs(key, format!("column {name} is computed on one side only")),
    }
}

/// A constant without what one system writes around it.
fn plain(text: &str) -> String {
    let text = text.split("::").next().unwrap_or(text);
    let text = text.trim_matches(['(', ')', '\'', '"', ' ']).to_lowercase();
    match text.as_str() {
        "now" | "current_timestamp" => "now".to_owned(),
        "true" => "1".to_owned(),
        "false" => "0".to_owned(),
        _ => text,
    }
}

/// None where an expression is among them: its text belongs to its system.
fn by_columns(parts: &[IndexPart]) -> Option<String> {
    let names = parts
        .iter()
        .map(|part| Some(part.column.as_ref()?.to_lowercase()))
        .collect::<Option<Vec<_>>>()?;
    Some(format!("({})", names.join(", ")))
}

fn primary(table: &Table) -> BTreeSet<String> {
    let keys = table.keys.values().filter(|key| key.primary);
    keys.filter_map(|key| by_columns(&key.parts)).collect()
}

/// A unique index without a filter is a unique key in all but its name.
fn unique(table: &Table) -> BTreeSet<String> {
    let keys = table.keys.values().filter(|key| !key.primary);
    let indexes = table
        .indexes
        .values()
        .filter(|index| index.unique && index.filter.is_none());
    let parts = keys
        .map(|key| &key.parts)
        .chain(indexes.map(|index| &index.parts));
    parts.filter_map(|parts| by_columns(parts)).collect()
}

fn references(table: &Table) -> BTreeSet<String> {
    let keys = table.foreign_keys.values();
    keys.map(|key: &ForeignKey| {
        let mut text = format!("({}) to {}", key.columns.join(", "), key.references.table).to_lowercase();
        if let Some(action) = key.on_delete.as_deref().filter(|action| *action != "restrict") {
            text.push_str(" on delete ");
            text.push_str(action);
        }
        text
    })
    .collect()
}

/// One that a foreign key or a key needs anyway is no index of its own in a system that makes it by itself.
fn indexes(table: &Table) -> BTreeSet<String> {
    let plain = table
        .indexes
        .values()
        .filter(|index| !index.unique || index.filter.is_some());
    let own = plain.filter_map(|index| {
        let columns = by_columns(&index.parts)?;
        let filter = if index.filter.is_some() {
            " with a filter"
        } else {
            ""
        };
        Some(format!("{columns}{filter}"))
    });
    own.collect()
}
