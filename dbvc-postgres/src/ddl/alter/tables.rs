//! Tables that change.

use dbvc_engine::diff::What;
use dbvc_engine::schema::{Body, ObjectKey, ObjectKind, PartitionOf, Table};

use super::super::indexes::{index, index_name};
use super::super::names::{full, literal, quoted, within};
use super::super::policies::policy;
use super::super::tables::{TOLD, check, constraint_key};
use super::parts::{comes, commented, goes, of};
use super::plan::Plan;
use super::{Alter, Changed, columns, rights};

pub(super) fn alter(way: &mut Alter, change: &Changed<'_>, old: &Table, new: &Table, plan: &Plan<'_>) {
    let name = full(change.key);
    way.script.blank();
    parts_gone(way, change, old, &name);
    if old.partition_of.is_some() && new.partition_of.is_none() {
        kept_from_above(way, change, &name);
    }
    columns::alter(way, change, old, new, plan);
    parts_come(way, change, new, &name);
    options(way, change, &name);
    join(way, old, new, &name);
    comments(way, change, new, &name);
    if change.has("order of columns") {
        way.script.leave_out(
            change.key,
            "PostgreSQL cannot put columns in another order, so they stay as they stand",
        );
    }
    if change.has("partitioning") {
        way.script.leave_out(
            change.key,
            "PostgreSQL cannot divide a table that is there in another way",
        );
    }
}

fn parts_gone(way: &mut Alter, change: &Changed<'_>, old: &Table, name: &str) {
    let Alter { script, taken, .. } = way;
    let is_there =
        |word: &'static str, part: &str| !taken.contains(&(change.key.clone(), word, part.to_owned()));
    for part in of(change.parts, "policy").filter(|part| goes(part) && is_there("policy", &part.name)) {
        script.add(&format!("DROP POLICY {} ON {name}", quoted(&part.name)));
    }
    for part in of(change.parts, "index").filter(|part| goes(part) && is_there("index", &part.name)) {
        if old.indexes.contains_key(&part.name) {
            // It may have gone before a part of the table left.
            let there = if old.partitioning.is_some() {
                "IF EXISTS "
            } else {
                ""
            };
            script.add(&format!(
                "DROP INDEX {there}{}",
                index_name(change.key, &part.name)
            ));
        }
    }
    for word in ["check", "exclusion", "key"] {
        for part in of(change.parts, word).filter(|part| goes(part) && is_there(word, &part.name)) {
            script.add(&format!(
                "ALTER TABLE {name} DROP CONSTRAINT {}",
                quoted(&part.name)
            ));
        }
    }
}

/// What a part had from the whole stays with it when it leaves, and is made again as its own.
fn kept_from_above(way: &mut Alter, change: &Changed<'_>, name: &str) {
    for word in ["key", "check", "exclusion", "foreign key"] {
        for part in of(change.parts, word).filter(|part| comes(part)) {
            way.script.add(&format!(
                "ALTER TABLE {name} DROP CONSTRAINT IF EXISTS {}",
                quoted(&part.name)
            ));
        }
    }
    for part in of(change.parts, "index").filter(|part| comes(part)) {
        let index = index_name(change.key, &part.name);
        way.script.add(&format!("DROP INDEX IF EXISTS {index}"));
    }
}

fn parts_come(way: &mut Alter, change: &Changed<'_>, new: &Table, name: &str) {
    let coming = |word| {
        of(change.parts, word)
            .filter(|part| comes(part))
            .map(|part| &part.name)
    };
    for part in coming("key") {
        let Some(it) = new.keys.get(part) else { continue };
        way.script
            .add(&format!("ALTER TABLE {name} ADD {}", constraint_key(part, it)));
        told_of_index(way, name, part, &it.options);
        comment_constraint(way, name, part, it.comment.as_deref(), false);
    }
    for part in coming("check") {
        let Some(it) = new.checks.get(part) else { continue };
        let ending = if it.unvalidated { " NOT VALID" } else { "" };
        way.script
            .add(&format!("ALTER TABLE {name} ADD {}{ending}", check(part, it)));
        comment_constraint(way, name, part, it.comment.as_deref(), false);
    }
    for part in coming("exclusion") {
        let Some(it) = new.exclusions.get(part) else {
            continue;
        };
        way.script.add(&format!(
            "ALTER TABLE {name} ADD CONSTRAINT {} {}",
            quoted(part),
            it.definition
        ));
        comment_constraint(way, name, part, it.comment.as_deref(), false);
    }
    for part in coming("index") {
        let Some(it) = new.indexes.get(part) else { continue };
        index(&mut way.script, change.key, part, it);
        told_of_index(way, name, part, &it.options);
    }
    for part in coming("policy") {
        let Some(it) = new.policies.get(part) else {
            continue;
        };
        policy(&mut way.script, name, part, it);
    }
}

/// What the table says of an index.
pub(super) fn told_of_index(
    way: &mut Alter,
    name: &str,
    index: &str,
    options: &std::collections::BTreeMap<String, String>,
) {
    if options.contains_key("postgres.clustered") {
        way.script
            .add(&format!("ALTER TABLE {name} CLUSTER ON {}", quoted(index)));
    }
    if options.contains_key("postgres.replica_identity") {
        way.script.add(&format!(
            "ALTER TABLE {name} REPLICA IDENTITY USING INDEX {}",
            quoted(index)
        ));
    }
}

pub(super) fn comment_constraint(
    way: &mut Alter,
    name: &str,
    part: &str,
    comment: Option<&str>,
    always: bool,
) {
    if always || comment.is_some() {
        let place = format!("CONSTRAINT {} ON {name}", quoted(part));
        rights::comment(&mut way.script, &place, comment);
    }
}

fn comments(way: &mut Alter, change: &Changed<'_>, new: &Table, name: &str) {
    for (word, comment) in [
        (
            "key",
            new.keys
                .iter()
                .map(|(part, it)| (part, &it.comment))
                .collect::<Vec<_>>(),
        ),
        (
            "check",
            new.checks.iter().map(|(part, it)| (part, &it.comment)).collect(),
        ),
        (
            "exclusion",
            new.exclusions
                .iter()
                .map(|(part, it)| (part, &it.comment))
                .collect(),
        ),
        (
            "foreign key",
            new.foreign_keys
                .iter()
                .map(|(part, it)| (part, &it.comment))
                .collect(),
        ),
    ] {
        for part in commented(change.parts, word) {
            let found = comment.iter().find(|(name, _)| **name == part.name);
            let comment = found.and_then(|(_, comment)| comment.as_deref());
            comment_constraint(way, name, &part.name, comment, true);
        }
    }
    for part in commented(change.parts, "index") {
        let comment = new.indexes.get(&part.name).and_then(|it| it.comment.as_deref());
        let place = format!("INDEX {}", index_name(change.key, &part.name));
        rights::comment(&mut way.script, &place, comment);
    }
    for part in commented(change.parts, "policy") {
        let comment = new.policies.get(&part.name).and_then(|it| it.comment.as_deref());
        let place = format!("POLICY {} ON {name}", quoted(&part.name));
        rights::comment(&mut way.script, &place, comment);
    }
}

fn options(way: &mut Alter, change: &Changed<'_>, name: &str) {
    let script = &mut way.script;
    for field in change.fields {
        let Some(option) = field.field.strip_prefix("options.postgres.") else {
            continue;
        };
        let value = change.new.options.get(&format!("postgres.{option}"));
        let statement = match (option, value.map(String::as_str)) {
            ("unlogged", Some(_)) => "SET UNLOGGED".to_owned(),
            ("unlogged", None) => "SET LOGGED".to_owned(),
            ("row_security", Some("enabled")) => {
                "ENABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY".to_owned()
            }
            ("row_security", Some("forced")) => {
                "ENABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY".to_owned()
            }
            ("row_security", Some(_)) => "DISABLE ROW LEVEL SECURITY, FORCE ROW LEVEL SECURITY".to_owned(),
            ("row_security", None) => "DISABLE ROW LEVEL SECURITY, NO FORCE ROW LEVEL SECURITY".to_owned(),
            ("replica_identity", Some(which)) => format!("REPLICA IDENTITY {}", which.to_uppercase()),
            ("replica_identity", None) => "REPLICA IDENTITY DEFAULT".to_owned(),
            ("tablespace", space) => format!("SET TABLESPACE {}", quoted(space.unwrap_or("pg_default"))),
            (told, _) if TOLD.contains(&told) || told.contains("foreign.") => {
                let reason = format!("{} cannot be changed in place", told.replace('_', " "));
                script.leave_out(change.key, &reason);
                continue;
            }
            (parameter, Some(value)) => format!("SET ({parameter} = {})", literal(value)),
            (parameter, None) => format!("RESET ({parameter})"),
        };
        script.add(&format!("ALTER TABLE {name} {statement}"));
    }
}

/// Every table that stays leaves the tables that it was a part or an heir of and will not be: those may go.
pub(super) fn leave_all(way: &mut Alter, plan: &Plan<'_>) {
    for (key, old) in plan.before.tables() {
        let after = plan.after.objects.get(key).map(|object| &object.body);
        if let Some(Body::Table(new)) = after {
            if old.partition_of.is_some() && !stays_with_its_whole(old, new) {
                indexes_of_the_whole(way, old, plan);
            }
            leave(way, old, new, &full(key));
        }
    }
}

/// Indexes that the whole loses go while the part is still one: else it would keep its own of each.
fn indexes_of_the_whole(way: &mut Alter, part: &Table, plan: &Plan<'_>) {
    let Some(of) = &part.partition_of else { return };
    let whole = ObjectKey {
        schema: of.schema.clone(),
        ..ObjectKey::new(ObjectKind::Table, of.table.as_str())
    };
    let Some(What::Changed { parts, .. }) = plan.changes.get(&whole).map(|change| &change.what) else {
        return;
    };
    for index in super::parts::of(parts, "index").filter(|part| goes(part)) {
        let name = index_name(&whole, &index.name);
        way.script.add(&format!("DROP INDEX IF EXISTS {name}"));
    }
}

fn leave(way: &mut Alter, old: &Table, new: &Table, name: &str) {
    if let Some(part) = old
        .partition_of
        .as_ref()
        .filter(|_| !stays_with_its_whole(old, new))
    {
        way.script
            .add(&format!("ALTER TABLE {} DETACH PARTITION {name}", parent(part)));
    }
    for parent in old
        .inherits
        .iter()
        .filter(|parent| !new.inherits.contains(parent))
    {
        way.script
            .add(&format!("ALTER TABLE {name} NO INHERIT {}", dotted(parent)));
    }
}

/// A part that gets other rows of the same whole stays until what changes of the whole has reached it.
fn stays_with_its_whole(old: &Table, new: &Table) -> bool {
    match (&old.partition_of, &new.partition_of) {
        (Some(old), Some(new)) => (&old.schema, &old.table) == (&new.schema, &new.table),
        _ => false,
    }
}

fn join(way: &mut Alter, old: &Table, new: &Table, name: &str) {
    if let Some(part) = old
        .partition_of
        .as_ref()
        .filter(|_| old.partition_of != new.partition_of && stays_with_its_whole(old, new))
    {
        way.script
            .add(&format!("ALTER TABLE {} DETACH PARTITION {name}", parent(part)));
    }
    if let Some(part) = new
        .partition_of
        .as_ref()
        .filter(|_| old.partition_of != new.partition_of)
    {
        way.script.add(&format!(
            "ALTER TABLE {} ATTACH PARTITION {name} {}",
            parent(part),
            part.bound
        ));
    }
    for parent in new
        .inherits
        .iter()
        .filter(|parent| !old.inherits.contains(parent))
    {
        way.script
            .add(&format!("ALTER TABLE {name} INHERIT {}", dotted(parent)));
    }
}

fn parent(part: &PartitionOf) -> String {
    part.schema
        .as_ref()
        .map_or_else(|| quoted(&part.table), |schema| within(schema, &part.table))
}

fn dotted(name: &str) -> String {
    name.split_once('.')
        .map_or_else(|| quoted(name), |(schema, name)| within(schema, name))
}
