//! The way from one schema to another as SQL.
//!
//! First goes what is in the way: rights, programs that are no more or are others, views that are no more, foreign keys.
//! Then tables are made, changed and dropped; then programs and views are made, foreign keys come, and last the rights.

mod columns;
mod foreign;
mod options;
mod tables;

use std::collections::{BTreeMap, BTreeSet};

use dbvc_engine::diff::{Change, DiffOptions, What, diff};
use dbvc_engine::driver::Altered;
use dbvc_engine::schema::{Body, Database, Object, ObjectKey, ObjectKind};

use super::rights::{self, grant, revoke};
use super::script::Script;
use super::{create, objects};
use crate::introspect::quoted;

/// A script under way, with what it destroys.
#[derive(Default)]
pub(super) struct Alter {
    script: Script,
    losses: Vec<String>,
}

impl Alter {
    /// Adds a statement, with a warning before it for each thing that it destroys, if it does.
    fn destroy(&mut self, losses: Vec<String>, statement: &str) {
        if losses.is_empty() {
            self.script.first(statement);
            return;
        }
        self.script.warn(&losses);
        self.script.add(statement);
        self.losses.extend(losses);
    }
}

/// What is to be done.
struct Plan<'a> {
    before: &'a Database,
    after: &'a Database,
    /// In an order in which it can be done.
    changes: Vec<Change>,
    /// Programs that are dropped and made again.
    rebuilt: BTreeSet<ObjectKey>,
}

pub(super) fn alter(before: &Database, after: &Database) -> Altered {
    let changes = diff(before, after, DiffOptions::default()).changes;
    let rebuilt = rebuilt(&changes, after);
    let plan = Plan {
        before,
        after,
        changes,
        rebuilt,
    };
    let mut under_way = Alter::default();
    take_away(&mut under_way, &plan);
    let again = foreign::drop(&mut under_way.script, &plan);
    make_tables(&mut under_way, &plan);
    drop_tables(&mut under_way, &plan);
    // A view can be made only where the definers of those below it may read.
    give_rights(&mut under_way.script, &plan, |key| key.kind == ObjectKind::Table);
    make_programs(&mut under_way.script, &plan);
    foreign::add(&mut under_way.script, &plan, &again);
    give_rights(&mut under_way.script, &plan, |key| key.kind != ObjectKind::Table);
    let written = under_way.script.finish();
    Altered {
        sql: written.sql,
        losses: under_way.losses,
        left_out: written.left_out,
        no_transaction: None,
    }
}

fn is_program(key: &ObjectKey) -> bool {
    match key.kind {
        ObjectKind::Routine | ObjectKind::Trigger | ObjectKind::Event => true,
        ObjectKind::Other => matches!(key.parent.as_deref(), Some("package" | "package body")),
        _ => false,
    }
}

/// Whether it is more than a matter of rights.
fn is_another(what: &What) -> bool {
    match what {
        What::Changed { fields, parts } => {
            !parts.is_empty() || fields.iter().any(|field| !field.field.starts_with("grants."))
        }
        What::Added { .. } | What::Removed { .. } => false,
    }
}

/// Programs that are others now, and triggers that run after one of them: a trigger is made at the end of its row.
fn rebuilt(changes: &[Change], after: &Database) -> BTreeSet<ObjectKey> {
    let others = changes
        .iter()
        .filter(|change| is_program(&change.object) && is_another(&change.what));
    let mut found: BTreeSet<ObjectKey> = others.map(|change| change.object.clone()).collect();
    // The body of a package goes with it (MariaDB).
    let bodies = after.of_kind(ObjectKind::Other).filter(|(key, _)| {
        let package = ObjectKey::new(ObjectKind::Other, &key.name).of("package");
        key.parent.as_deref() == Some("package body") && found.contains(&package)
    });
    let bodies: Vec<ObjectKey> = bodies.map(|(key, _)| key.clone()).collect();
    found.extend(bodies);
    loop {
        let followers: Vec<ObjectKey> = after
            .of_kind(ObjectKind::Trigger)
            .filter(|(key, object)| {
                !found.contains(key) && object.requires.iter().any(|needed| found.contains(needed))
            })
            .map(|(key, _)| key.clone())
            .collect();
        if followers.is_empty() {
            return found;
        }
        found.extend(followers);
    }
}

impl Plan<'_> {
    fn is_removed(&self, key: &ObjectKey) -> bool {
        self.before.objects.contains_key(key) && !self.after.objects.contains_key(key)
    }

    /// Rights that do not go with the object: those on a table stay when it is dropped (manual, "DROP TABLE Statement").
    fn rights_before(&self, key: &ObjectKey) -> BTreeMap<String, BTreeSet<String>> {
        let of_routine = key.kind == ObjectKind::Routine;
        if of_routine && (self.rebuilt.contains(key) || self.is_removed(key)) {
            return BTreeMap::new();
        }
        self.before.objects.get(key).map(rights::of).unwrap_or_default()
    }

    fn rights_after(&self, key: &ObjectKey) -> BTreeMap<String, BTreeSet<String>> {
        self.after.objects.get(key).map(rights::of).unwrap_or_default()
    }
}

fn take_away(alter: &mut Alter, plan: &Plan<'_>) {
    for change in &plan.changes {
        if let Some(object) = plan.before.objects.get(&change.object) {
            let (old, new) = (
                plan.rights_before(&change.object),
                plan.rights_after(&change.object),
            );
            revoke(&mut alter.script, &change.object, object, &old, &new);
        }
    }
    for key in plan
        .rebuilt
        .iter()
        .filter(|key| plan.before.objects.contains_key(*key))
    {
        drop_statement(&mut alter.script, key, plan.before);
    }
    for change in &plan.changes {
        let key = &change.object;
        if plan.is_removed(key) && (is_program(key) || key.kind == ObjectKind::View) {
            // With its table a trigger goes, too, but not before the rest of the script.
            drop_statement(&mut alter.script, key, plan.before);
        }
    }
}

fn drop_statement(script: &mut Script, key: &ObjectKey, before: &Database) {
    let word = match (key.kind, key.parent.as_deref()) {
        (ObjectKind::Routine, Some("procedure")) => "PROCEDURE",
        (ObjectKind::Routine, _) => "FUNCTION",
        (ObjectKind::Trigger, _) => "TRIGGER",
        (ObjectKind::Event, _) => "EVENT",
        (ObjectKind::View, _) => "VIEW",
        (ObjectKind::Sequence, _) => "SEQUENCE",
        (ObjectKind::Other, Some("package")) => "PACKAGE",
        (ObjectKind::Other, Some("package body")) => "PACKAGE BODY IF EXISTS",
        _ => return,
    };
    let statement = format!("DROP {word} {}", quoted(&key.name));
    match before.objects.get(key) {
        // Only a mode of Oracle's knows the word.
        Some(object) if key.kind == ObjectKind::Other => script.program(object, &statement),
        _ => script.first(&statement),
    }
}

fn make_tables(alter: &mut Alter, plan: &Plan<'_>) {
    let mut changes: Vec<&Change> = plan.changes.iter().collect();
    // Programs keep the collation that the database has when they are made.
    changes.sort_by_key(|change| change.object.parent.as_deref() != Some("database"));
    for change in changes {
        let key = &change.object;
        let Some(object) = plan.after.objects.get(key) else {
            continue;
        };
        match (&object.body, plan.before.objects.get(key)) {
            (Body::Table(_) | Body::Sequence(_) | Body::Other(_), None) if !is_program(key) => {
                create(&mut alter.script, key, object);
            }
            (Body::Table(table), Some(old)) => tables::alter(alter, key, (old, object), table),
            (Body::Sequence(sequence), Some(old)) if old.body != object.body => {
                let facts = objects::sequence_facts(sequence);
                let statement = format!("ALTER SEQUENCE {} {facts}", quoted(&key.name));
                alter.script.first(&statement);
            }
            (Body::Other(other), Some(_)) if !is_program(key) => {
                objects::other(&mut alter.script, key, object, other);
            }
            _ => {}
        }
    }
}

fn drop_tables(alter: &mut Alter, plan: &Plan<'_>) {
    let removed = |kind| {
        let keys = plan.changes.iter().map(|change| &change.object);
        keys.filter(move |key| key.kind == kind && plan.is_removed(key))
    };
    for key in removed(ObjectKind::Table) {
        let losses = vec![format!("{key} with its rows")];
        alter.destroy(losses, &format!("DROP TABLE {}", quoted(&key.name)));
    }
    for key in removed(ObjectKind::Sequence) {
        drop_statement(&mut alter.script, key, plan.before);
    }
    for key in removed(ObjectKind::Other) {
        if !is_program(key) {
            alter.script.leave_out(key, "dbvc does not know how to drop it");
        }
    }
}

fn make_programs(script: &mut Script, plan: &Plan<'_>) {
    let mut triggers: Vec<(&ObjectKey, &Object)> = Vec::new();
    let keys = plan.changes.iter().map(|change| &change.object);
    let unchanged = plan
        .rebuilt
        .iter()
        .filter(|key| !plan.changes.iter().any(|change| change.object == **key));
    for key in keys.chain(unchanged) {
        let Some(object) = plan.after.objects.get(key) else {
            continue;
        };
        let is_new = !plan.before.objects.contains_key(key) || plan.rebuilt.contains(key);
        match &object.body {
            Body::View(view) => {
                let what = plan.changes.iter().find(|change| change.object == *key);
                if is_new || what.is_some_and(|change| is_another(&change.what)) {
                    objects::view(
                        script,
                        key,
                        object,
                        view,
                        if is_new { "CREATE" } else { "CREATE OR REPLACE" },
                    );
                }
            }
            Body::Trigger(_) if is_new => triggers.push((key, object)),
            _ if is_program(key) && is_new => create(script, key, object),
            _ => {}
        }
    }
    // Each after the one that it follows.
    while !triggers.is_empty() {
        let waits = |object: &Object, all: &[(&ObjectKey, &Object)]| {
            object
                .requires
                .iter()
                .any(|needed| all.iter().any(|(key, _)| *key == needed))
        };
        let at = triggers.iter().position(|(_, object)| !waits(object, &triggers));
        let (key, object) = triggers.remove(at.unwrap_or(0));
        create(script, key, object);
    }
}

fn give_rights(script: &mut Script, plan: &Plan<'_>, wanted: impl Fn(&ObjectKey) -> bool) {
    for change in plan.changes.iter().filter(|change| wanted(&change.object)) {
        if let Some(object) = plan.after.objects.get(&change.object) {
            let (old, new) = (
                plan.rights_before(&change.object),
                plan.rights_after(&change.object),
            );
            grant(script, &change.object, object, &old, &new);
        }
    }
}
