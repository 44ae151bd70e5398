//! Foreign keys: they go before what they hold to changes, and come after it.

use std::collections::{BTreeMap, BTreeSet};

use dbvc_engine::diff::pairs;
use dbvc_engine::schema::{Body, Database, ForeignKey, ObjectKey, ObjectKind, Table};

use super::super::script::Script;
use super::super::tables::foreign_keys;
use super::Plan;
use super::columns::holds_keys;
use crate::introspect::quoted;

/// Foreign keys by their table.
pub(super) type Keys = BTreeMap<ObjectKey, BTreeSet<String>>;

fn table<'a>(database: &'a Database, key: &ObjectKey) -> Option<&'a Table> {
    match &database.objects.get(key)?.body {
        Body::Table(table) => Some(table),
        _ => None,
    }
}

/// Drops those that are no more, those that are others, and those that a change of a column would break, which come again.
pub(super) fn drop(script: &mut Script, plan: &Plan<'_>) -> Keys {
    let mut again = Keys::new();
    for (key, old) in plan.before.tables() {
        let mut gone: BTreeSet<&String> = BTreeSet::new();
        if let Some(new) = table(plan.after, key) {
            gone.extend(pairs(&old.foreign_keys, &new.foreign_keys).0);
            for (name, it) in &old.foreign_keys {
                if !gone.contains(name) && is_in_the_way(plan, key, it) {
                    gone.insert(name);
                    again.entry(key.clone()).or_default().insert(name.clone());
                }
            }
        } else {
            // Tables that go may point to each other.
            let others = old.foreign_keys.iter();
            let others = others.filter(|(_, it)| it.references.table != key.name);
            gone.extend(others.map(|(name, _)| name));
        }
        if !gone.is_empty() {
            let dropped: Vec<String> = gone
                .iter()
                .map(|name| format!("  DROP FOREIGN KEY {}", quoted(name)))
                .collect();
            script.first(&format!(
                "ALTER TABLE {}\n{}",
                quoted(&key.name),
                dropped.join(",\n")
            ));
        }
    }
    again
}

/// Whether one of its columns, here or there, becomes one of another type (manual, "FOREIGN KEY Constraints").
fn is_in_the_way(plan: &Plan<'_>, key: &ObjectKey, it: &ForeignKey) -> bool {
    let parent = ObjectKey::new(ObjectKind::Table, &it.references.table);
    let sides = [(key, &it.columns), (&parent, &it.references.columns)];
    sides.into_iter().any(|(key, columns)| {
        let (Some(old), Some(new)) = (plan.before.objects.get(key), plan.after.objects.get(key)) else {
            return false;
        };
        columns.iter().any(|column| !holds_keys(old, new, column))
    })
}

/// Adds those that are new, those that are others, and those that were only in the way.
pub(super) fn add(script: &mut Script, plan: &Plan<'_>, again: &Keys) {
    for (key, new) in plan.after.tables() {
        let none = BTreeMap::new();
        let old = table(plan.before, key).map_or(&none, |old| &old.foreign_keys);
        let come: BTreeSet<&String> = pairs(old, &new.foreign_keys).1.into_iter().collect();
        let again: Vec<(&String, &ForeignKey)> = again
            .get(key)
            .into_iter()
            .flatten()
            .filter_map(|name| old.get_key_value(name))
            .collect();
        let come = new.foreign_keys.iter().filter(|(name, _)| come.contains(name));
        foreign_keys(script, key, come.chain(again));
    }
}
