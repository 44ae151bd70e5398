//! What must be there before something else.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use dbvc_engine::driver::Rows;
use dbvc_engine::schema::{Object, ObjectKey, ObjectKind};

use super::model::{Model, class};
use super::row::{Row, rows};

/// Names that a text leaves without a schema are looked for here first by whoever owns the database.
const USUAL: &str = "dbo";

pub(super) fn add(model: &mut Model, answer: &Rows) {
    let by_name: HashMap<(String, String), ObjectKey> = model
        .objects()
        .keys()
        .filter(|key| {
            matches!(
                key.kind,
                ObjectKind::Table
                    | ObjectKind::View
                    | ObjectKind::Routine
                    | ObjectKind::Sequence
                    | ObjectKind::Synonym
            )
        })
        .filter_map(|key| Some(((key.schema.clone()?, key.name.clone()), key.clone())))
        .collect();
    for row in rows(answer) {
        let Some(needed) = needed(model, &by_name, row) else {
            continue;
        };
        let id = row.id("id");
        let (class, id) = match row.id("class") {
            class::TYPE => (class::TYPE, id),
            class::PARTITION_FUNCTION => (class::PARTITION_FUNCTION, id),
            // A constraint belongs to its table.
            _ => {
                let part = model.constraints.get(&id);
                (class::OBJECT, part.map_or(id, |part| part.table))
            }
        };
        model.require(class, id, needed);
    }
}

/// What a text names, by its number where the server has found it, otherwise by its name.
fn needed(model: &Model, by_name: &HashMap<(String, String), ObjectKey>, row: Row<'_>) -> Option<ObjectKey> {
    let class = row.id("referenced_class");
    match row.number("referenced_id") {
        Some(id) => model.key(class, id).cloned(),
        None if class == class::OBJECT => {
            let schema = row.text("target_schema").filter(|name| !name.is_empty());
            let name = (schema.unwrap_or(USUAL).to_owned(), row.word("target").to_owned());
            by_name.get(&name).cloned()
        }
        None => None,
    }
}

/// Where two need each other, the routine can be made first: it finds what it names when it runs (manual, "Deferred name
/// resolution").
pub(super) fn untie(objects: &mut BTreeMap<ObjectKey, Object>) {
    let routines = objects.iter().filter(|(key, _)| key.kind == ObjectKind::Routine);
    let mutual: Vec<(ObjectKey, BTreeSet<ObjectKey>)> = routines
        .map(|(key, object)| {
            let back = object.requires.iter().filter(|needed| {
                objects
                    .get(needed)
                    .is_some_and(|other| other.requires.contains(key))
            });
            (key.clone(), back.cloned().collect())
        })
        .collect();
    for (key, back) in mutual {
        if let Some(object) = objects.get_mut(&key) {
            object.requires.retain(|needed| !back.contains(needed));
        }
    }
}
