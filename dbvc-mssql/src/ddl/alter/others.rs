//! Views, programs, sequences and the rest that change.

use dbvc_engine::diff::{What, pairs};
use dbvc_engine::schema::{Body, Object, ObjectKey, View};

use super::super::head::or_alter;
use super::super::names::{full, quoted};
use super::super::{indexes, objects};
use super::Alter;
use super::plan::Plan;

pub(super) fn change(way: &mut Alter, key: &ObjectKey, (old, new): (&Object, &Object), plan: &Plan<'_>) {
    match (&old.body, &new.body) {
        (Body::View(was), Body::View(is)) => {
            if plan.is_another(key) && (was.definition != is.definition || old.options != new.options) {
                way.script.program(new, &or_alter(&is.definition));
            }
            view_indexes(way, key, was, is);
        }
        (Body::Routine(_), Body::Routine(routine)) if plan.is_another(key) => {
            way.script.program(new, &or_alter(&routine.definition));
        }
        (Body::Trigger(_), Body::Trigger(trigger)) => {
            trigger_change(way, key, (old, new), &trigger.definition, plan);
        }
        (Body::Sequence(was), Body::Sequence(is)) if plan.is_another(key) => {
            if was.data_type == is.data_type {
                let restart = if was.start == is.start {
                    String::new()
                } else {
                    format!("RESTART WITH {} ", is.start)
                };
                let facts = objects::sequence_facts(new, is);
                way.script
                    .first(&format!("ALTER SEQUENCE {} {restart}{facts}", full(key)));
            } else {
                way.script.leave_out(
                    key,
                    "a table counts with it, and its type can only be changed by making it anew",
                );
            }
        }
        (Body::Other(was), Body::Other(is)) if plan.is_another(key) => {
            other(way, key, &was.definition, &is.definition);
        }
        (Body::Type(_), Body::Type(_)) if plan.is_another(key) => {
            way.script.leave_out(
                key,
                "columns are of this type, so it cannot be dropped and made anew",
            );
        }
        (Body::Table(_), Body::Table(_)) => {
            let reason = super::super::tables::reason_to_leave_out(&new.options);
            let reason = reason.unwrap_or("dbvc does not know how to change it");
            if !matches!(plan.changes.get(key).map(|it| &it.what), Some(What::Changed { parts, .. }) if parts.is_empty())
                || plan.is_another(key)
            {
                way.script.leave_out(key, reason);
            }
        }
        _ => {}
    }
}

fn trigger_change(
    way: &mut Alter,
    key: &ObjectKey,
    (old, new): (&Object, &Object),
    definition: &str,
    plan: &Plan<'_>,
) {
    if plan.is_another(key) {
        way.script.program(new, &or_alter(definition));
    }
    let is_set = |object: &Object, name: &str, event: &str| {
        let said = super::super::tables::option(&object.options, name).unwrap_or_default();
        said.split(' ').any(|it| it == event)
    };
    for event in ["insert", "update", "delete"] {
        for name in ["first", "last"] {
            if is_set(old, name, event) && !is_set(new, name, event) {
                objects::trigger_order(&mut way.script, key, event, "None");
            }
        }
    }
    let was_disabled = super::super::tables::option(&old.options, "disabled").is_some();
    objects::trigger_state(&mut way.script, key, new, was_disabled);
}

fn view_indexes(way: &mut Alter, key: &ObjectKey, was: &View, is: &View) {
    let (gone, come) = pairs(&was.indexes, &is.indexes);
    for name in gone {
        way.script
            .first(&format!("DROP INDEX {} ON {}", quoted(name), full(key)));
    }
    for (name, it) in indexes::in_order(&is.indexes) {
        if come.contains(&name) {
            indexes::create(&mut way.script, key, name, it);
        }
    }
}

/// Whether the columns that a view shows are others, and not only what is said of them.
pub(super) fn columns_differ(was: &View, is: &View) -> bool {
    let shape = |view: &View| {
        let columns = view.columns.iter();
        columns
            .map(|(name, it)| {
                (
                    name.clone(),
                    it.position,
                    it.data_type.clone(),
                    it.nullable,
                    it.collation.clone(),
                )
            })
            .collect::<Vec<_>>()
    };
    shape(was) != shape(is)
}

fn other(way: &mut Alter, key: &ObjectKey, was: &str, is: &str) {
    match key.parent.as_deref().unwrap_or_default() {
        "database" => way.script.leave_out(
            key,
            "texts in it would have to be compared in another way; that is said when a database is made",
        ),
        "role" => {
            for line in was
                .lines()
                .skip(1)
                .filter(|line| !is.lines().any(|it| trimmed(it) == trimmed(line)))
            {
                way.script
                    .first(&trimmed(line).replace(" ADD MEMBER ", " DROP MEMBER "));
            }
            for line in is
                .lines()
                .skip(1)
                .filter(|line| !was.lines().any(|it| trimmed(it) == trimmed(line)))
            {
                way.script.first(trimmed(line));
            }
        }
        "partition function" => way.script.leave_out(
            key,
            "tables are divided by it: split or merge its ranges with ALTER PARTITION FUNCTION",
        ),
        "partition scheme" => way.script.leave_out(
            key,
            "tables are divided by it: give it file groups with ALTER PARTITION SCHEME … NEXT USED",
        ),
        _ => way
            .script
            .leave_out(key, "it cannot be dropped and made anew by what dbvc knows of it"),
    }
}

fn trimmed(line: &str) -> &str {
    line.trim().trim_end_matches(';')
}
