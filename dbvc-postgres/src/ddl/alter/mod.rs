//! The way from one schema to another as SQL.
//!
//! First what is in the way goes: foreign keys, then views, triggers and whatever else must be made anew because
//! something that it needs changes. Then new objects are made and others changed, in the order of what they need. Then
//! what nothing needs any more goes, foreign keys come, and last owners, rights and comments.

mod columns;
mod other;
mod parts;
mod plan;
mod rights;
mod tables;
mod turned;
mod types;

use std::collections::BTreeSet;

use dbvc_engine::diff::{Change, What};
use dbvc_engine::driver::Altered;
use dbvc_engine::schema::{Body, Database, Object, ObjectKey, ObjectKind};

use super::names::{full, quoted};
use super::tables::foreign_key;
use super::{HEAD, Script, comment_place, objects};
use plan::Plan;

/// A script under way, with what it destroys.
pub(super) struct Alter {
    pub(super) script: Script,
    pub(super) losses: Vec<String>,
    /// Drops what stands for something that was made anew, when nothing needs it any more.
    pub(super) spares: Vec<String>,
    /// Parts of tables (`check`, …) that are away already, because a type was made anew, and come otherwise.
    pub(super) taken: BTreeSet<(ObjectKey, &'static str, String)>,
}

impl Alter {
    /// Adds a statement, with a warning before it.
    pub(super) fn destroy(&mut self, what: String, statement: &str) {
        self.script.blank();
        self.script.warn(&format!("Destroys data: {what}"));
        self.script.add(statement);
        self.losses.push(what);
    }
}

pub(super) fn alter(before: &Database, after: &Database) -> Altered {
    let plan = Plan::of(before, after);
    let mut way = Alter {
        script: Script {
            sql: head(&plan),
            left_out: Vec::new(),
        },
        losses: Vec::new(),
        spares: Vec::new(),
        taken: BTreeSet::new(),
    };
    drop_foreign_keys(&mut way, &plan);
    tables::leave_all(&mut way, &plan);
    for key in plan.early.iter().rev() {
        drop(&mut way, key, before, &plan.removed);
    }
    for key in &plan.made_or_changed {
        let Some(object) = after.objects.get(key) else {
            continue;
        };
        match plan.changes.get(key) {
            Some(Change {
                what: What::Changed { fields, parts },
                ..
            }) if !plan.rebuilt.contains(key) => {
                let Some(old) = before.objects.get(key) else {
                    continue;
                };
                let change = Changed {
                    key,
                    old,
                    new: object,
                    fields,
                    parts,
                };
                changed(&mut way, &change, &plan);
            }
            _ => way.script.object(key, object, after),
        }
    }
    late(&mut way, &plan, after);
    for key in plan.late.iter().rev() {
        drop(&mut way, key, before, &plan.removed);
    }
    for statement in std::mem::take(&mut way.spares) {
        way.script.first(&statement);
    }
    rights::write(&mut way.script, &plan, before, after);
    Altered {
        sql: way.script.sql,
        losses: way.losses,
        left_out: way.script.left_out,
        no_transaction: None,
    }
}

fn drop_foreign_keys(way: &mut Alter, plan: &Plan<'_>) {
    for (key, name, _) in &plan.foreign_keys_gone {
        way.script.add(&format!(
            "ALTER TABLE {} DROP CONSTRAINT {}",
            full(key),
            quoted(name)
        ));
    }
}

fn head(plan: &Plan<'_>) -> String {
    let routine = |key: &&ObjectKey| key.kind == ObjectKind::Routine;
    if plan.made_or_changed.iter().any(routine) {
        HEAD.to_owned()
    } else {
        String::new()
    }
}

/// An object that stays and is another.
pub(super) struct Changed<'a> {
    pub(super) key: &'a ObjectKey,
    pub(super) old: &'a Object,
    pub(super) new: &'a Object,
    pub(super) fields: &'a [dbvc_engine::diff::FieldChange],
    pub(super) parts: &'a [dbvc_engine::diff::PartChange],
}

impl Changed<'_> {
    pub(super) fn has(&self, field: &str) -> bool {
        self.fields.iter().any(|change| change.field == field)
    }
}

fn changed(way: &mut Alter, change: &Changed<'_>, plan: &Plan<'_>) {
    match (&change.old.body, &change.new.body) {
        (Body::Table(old), Body::Table(new)) => tables::alter(way, change, old, new, plan),
        (Body::View(old), Body::View(new)) => other::view(way, change, old, new),
        (Body::Type(old), Body::Type(new)) => types::made_type(way, change, old, new, plan),
        (Body::Sequence(_), Body::Sequence(new)) => other::sequence(way, change, new),
        (Body::Routine(_), Body::Routine(new)) if change.has("definition") => {
            way.script.first(&new.definition);
        }
        (Body::Extension(_), Body::Extension(new)) => other::extension(way, change, new),
        (Body::Trigger(_), Body::Trigger(_)) if has_option(change, "postgres.enabled") => {
            let state = objects::state(change.new.options.get("postgres.enabled")).unwrap_or("ENABLE");
            let table = objects::trigger_table(change.key);
            way.script.add(&format!(
                "ALTER TABLE {table} {state} TRIGGER {}",
                quoted(&change.key.name)
            ));
        }
        (Body::Other(_), Body::Other(_)) if plan::is_changed_by_hand(change.key) => {
            let kept = |field: &str| matches!(field, "owner" | "comment") || field.starts_with("grants");
            if change.fields.iter().any(|field| !kept(&field.field)) {
                way.script.leave_out(
                    change.key,
                    "others need it, so it cannot be made anew; change it with ALTER",
                );
            }
        }
        _ => {}
    }
    // One that was made over has its comment.
    let made_over = plan::is_made_over(change.old, change.new);
    if change.has("comment") && !made_over {
        let place = comment_place(change.key, change.new);
        rights::comment(&mut way.script, &place, change.new.comment.as_deref());
    }
}

fn has_option(change: &Changed<'_>, name: &str) -> bool {
    change.has(&format!("options.{name}"))
}

/// Foreign keys come when everything is there, and sequences find their columns.
fn late(way: &mut Alter, plan: &Plan<'_>, after: &Database) {
    let whole: Vec<&ObjectKey> = plan
        .made_or_changed
        .iter()
        .copied()
        .filter(|key| {
            !matches!(
                plan.changes.get(*key).map(|change| &change.what),
                Some(What::Changed { .. })
            )
        })
        .collect();
    for key in whole {
        if let Some(object) = after.objects.get(key) {
            way.script.late(key, object);
        }
    }
    for (key, name, it) in &plan.foreign_keys_come {
        foreign_key(&mut way.script, key, name, it);
    }
}

fn drop(way: &mut Alter, key: &ObjectKey, before: &Database, removed: &BTreeSet<&ObjectKey>) {
    let Some(object) = before.objects.get(key) else {
        return;
    };
    // What belongs to a table goes with it.
    let table = key.parent.as_ref().map(|parent| {
        let table = key
            .name
            .split_once(" on ")
            .map_or(parent.as_str(), |(_, table)| table);
        ObjectKey {
            schema: key.schema.clone(),
            ..ObjectKey::new(ObjectKind::Table, table)
        }
    });
    if table.is_some_and(|table| removed.contains(&table)) {
        return;
    }
    let statement = match &object.body {
        Body::Other(_) if !is_written(object) => {
            let family = key.parent.as_deref().unwrap_or_default();
            way.script
                .leave_out(key, &format!("dbvc does not drop a {family}"));
            return;
        }
        // One that belongs to a column is gone with it.
        Body::Sequence(_) => format!("DROP SEQUENCE IF EXISTS {}", full(key)),
        _ => format!("DROP {}", comment_place(key, object)),
    };
    if matches!(object.body, Body::Table(_)) && !object.options.contains_key("postgres.server") {
        way.destroy(format!("{key} with its rows"), &statement);
    } else {
        way.script.first(&statement);
    }
}

fn is_written(object: &Object) -> bool {
    matches!(&object.body, Body::Other(other) if other.definition.starts_with("CREATE "))
}
