//! Types that change where they are, or are made over.

use dbvc_engine::schema::{Body, ObjectKey, ObjectKind, TypeBody, in_order};

use super::super::names::{full, literal, quoted};
use super::super::tables::check;
use super::plan::{Plan, is_made_over, users};
use super::turned::{self, Readers};
use super::{Alter, Changed, rights};

pub(super) fn made_type(
    way: &mut Alter,
    change: &Changed<'_>,
    old: &TypeBody,
    new: &TypeBody,
    plan: &Plan<'_>,
) {
    match (old, new) {
        (TypeBody::Enum { labels: old }, TypeBody::Enum { labels: new }) if old != new => {
            labels(way, change, old, new, plan);
        }
        (TypeBody::Composite { .. }, TypeBody::Composite { .. }) => composite(way, change, old, new),
        (TypeBody::Domain { .. }, TypeBody::Domain { .. }) if is_made_over(change.old, change.new) => {
            make_over(way, change, plan);
        }
        (TypeBody::Domain { .. }, TypeBody::Domain { .. }) => domain(way, change, old, new),
        _ => {}
    }
}

/// Words that come are added where they stand; where some go or change places, the type is made anew and every column
/// of it is turned over.
fn labels(way: &mut Alter, change: &Changed<'_>, old: &[String], new: &[String], plan: &Plan<'_>) {
    let name = full(change.key);
    let kept: Vec<&String> = new.iter().filter(|label| old.contains(label)).collect();
    if kept.iter().copied().eq(old) {
        for (at, label) in new.iter().enumerate().filter(|(_, label)| !old.contains(label)) {
            let place = match at.checked_sub(1).and_then(|before| new.get(before)) {
                Some(before) => format!(" AFTER {}", literal(before)),
                None => old
                    .first()
                    .map_or_else(String::new, |first| format!(" BEFORE {}", literal(first))),
            };
            way.script
                .add(&format!("ALTER TYPE {name} ADD VALUE {}{place}", literal(label)));
        }
        return;
    }
    make_over(way, change, plan);
}

/// The type gets another name, the new one is made, every column of it is turned over, and the old one goes at the end.
fn make_over(way: &mut Alter, change: &Changed<'_>, plan: &Plan<'_>) {
    let name = full(change.key);
    if let Some(user) = users(plan.before, change.key)
        .find(|user| user.kind == ObjectKind::Type && !plan.removed.contains(*user))
    {
        let reason = format!("{user} is made of it, so it cannot be made anew: change both by hand");
        way.script.leave_out(change.key, &reason);
        return;
    }
    let columns = columns_of(plan, &name, &change.key.name);
    let users = users(plan.before, change.key).filter(|user| user.kind == ObjectKind::Table);
    let tables = users.filter(|user| !plan.removed.contains(*user));
    let readers = Readers {
        tables: tables.chain(columns.iter().map(|column| column.key)).collect(),
        names: columns
            .iter()
            .map(|column| column.name)
            .chain([change.key.name.as_str()])
            .collect(),
    };
    if let Some(obstacle) = readers.obstacle(plan) {
        let reason = format!("{obstacle}, so it cannot be made anew: change both by hand");
        way.script.leave_out(change.key, &reason);
        return;
    }
    let spare = spare(way, plan, change.key);
    let word = if is_domain(change) { "DOMAIN" } else { "TYPE" };
    way.script
        .first(&format!("ALTER {word} {name} RENAME TO {}", quoted(&spare.name)));
    way.script.object(change.key, change.new, plan.after);
    let back = turned::take(way, plan, readers.parts(plan));
    for column in &columns {
        turn_over(way, change, column);
    }
    turned::bring(way, plan, &back);
    // Columns that go, or get another type, still have it.
    way.spares.push(format!("DROP {word} {}", full(&spare)));
}

/// A column of the type's old name gets the new one.
fn turn_over(way: &mut Alter, change: &Changed<'_>, column: &Column<'_>) {
    let place = format!(
        "ALTER TABLE {} ALTER COLUMN {}",
        column.table,
        quoted(column.name)
    );
    if column.default.is_some() {
        way.script.add(&format!("{place} DROP DEFAULT"));
    }
    let raw = column.raw;
    let value = quoted(column.name);
    if let Some(gone) = words_that_go(change) {
        let text = if raw.ends_with("[]") { "text[]" } else { "text" };
        if !gone.is_empty() {
            way.script.warn(&format!(
                "Fails where a row of {} has {} in it",
                column.table,
                gone.join(" or ")
            ));
        }
        way.script
            .add(&format!("{place} TYPE {raw} USING {value}::{text}::{raw}"));
    } else {
        way.script
            .add(&format!("{place} TYPE {raw} USING {value}::{raw}"));
    }
    if let Some(default) = column.default {
        way.script.add(&format!("{place} SET DEFAULT {default}"));
    }
}

/// A longer name would lose its end (manual, "Identifiers and Key Words").
const LONGEST_NAME: usize = 63;

/// A name for the old type that nothing has: types share their names with tables and views.
fn spare(way: &Alter, plan: &Plan<'_>, key: &ObjectKey) -> ObjectKey {
    let is_taken = |spare: &ObjectKey| {
        let mut sides = [plan.before, plan.after].into_iter();
        let full_name = full(spare);
        sides.any(|side| {
            let mut keys = side.objects.keys();
            keys.any(|it| it.schema == spare.schema && it.name == spare.name)
        }) || way
            .spares
            .iter()
            .any(|drop| drop.ends_with(&format!(" {full_name}")))
    };
    let mut number = 1_u32;
    loop {
        let ending = if number == 1 {
            "__old".to_owned()
        } else {
            format!("__old{number}")
        };
        let end = key.name.floor_char_boundary(LONGEST_NAME - ending.len());
        let spare = ObjectKey {
            name: format!("{}{ending}", &key.name[..end]),
            ..key.clone()
        };
        if !is_taken(&spare) {
            return spare;
        }
        number += 1;
    }
}

fn is_domain(change: &Changed<'_>) -> bool {
    matches!(change.new.body, Body::Type(TypeBody::Domain { .. }))
}

/// The words that an enum loses; none where it is no enum.
fn words_that_go(change: &Changed<'_>) -> Option<Vec<String>> {
    match (&change.old.body, &change.new.body) {
        (Body::Type(TypeBody::Enum { labels: old }), Body::Type(TypeBody::Enum { labels: new })) => Some(
            old.iter()
                .filter(|label| !new.contains(label))
                .map(|label| literal(label))
                .collect(),
        ),
        _ => None,
    }
}

/// A column of a type that it has before and afterwards.
struct Column<'a> {
    key: &'a ObjectKey,
    table: String,
    name: &'a str,
    raw: &'a str,
    default: Option<&'a str>,
}

/// A part or an heir of a table has its column from above, and it changes along.
fn columns_of<'a>(plan: &Plan<'a>, full_name: &str, bare: &str) -> Vec<Column<'a>> {
    let of_type = |raw: &str| {
        let raw = raw.trim_end_matches("[]");
        raw == full_name || raw == bare
    };
    let mut found = Vec::new();
    for (key, table) in plan.before.tables() {
        if plan.removed.contains(key) || table.partition_of.is_some() {
            continue;
        }
        let Some(Body::Table(after)) = plan.after.objects.get(key).map(|object| &object.body) else {
            continue;
        };
        let heirloom = |column: &str| {
            table.inherits.iter().any(|parent| {
                let parent = parent.split_once('.');
                parent
                    .and_then(|(schema, name)| {
                        plan.table_before(&ObjectKey::within(ObjectKind::Table, schema, name))
                    })
                    .is_some_and(|parent| parent.columns.contains_key(column))
            })
        };
        for (name, column) in in_order(&table.columns) {
            let raw = column.data_type.raw.as_str();
            let stays = after.columns.get(name).is_some_and(|it| it.data_type.raw == raw);
            if of_type(raw) && stays && !heirloom(name) {
                found.push(Column {
                    key,
                    table: full(key),
                    name,
                    raw,
                    default: column.default.as_deref().filter(|_| column.generated.is_none()),
                });
            }
        }
    }
    found
}

fn composite(way: &mut Alter, change: &Changed<'_>, old: &TypeBody, new: &TypeBody) {
    let (TypeBody::Composite { columns: old }, TypeBody::Composite { columns: new }) = (old, new) else {
        return;
    };
    let name = full(change.key);
    let definition = |column: &str| {
        let it = new.get(column)?;
        let collation = it.collation.as_ref().map(|it| format!(" COLLATE {it}"));
        Some(format!(
            "{} {}{}",
            quoted(column),
            it.data_type,
            collation.unwrap_or_default()
        ))
    };
    for column in old.keys().filter(|column| !new.contains_key(*column)) {
        let statement = format!("ALTER TYPE {name} DROP ATTRIBUTE {} CASCADE", quoted(column));
        way.destroy(format!("field {column} of {}", change.key), &statement);
    }
    for (column, it) in in_order(new) {
        match old.get(column) {
            None => {
                if let Some(definition) = definition(column) {
                    way.script
                        .add(&format!("ALTER TYPE {name} ADD ATTRIBUTE {definition} CASCADE"));
                }
            }
            Some(was) if was.data_type != it.data_type || was.collation != it.collation => {
                let collation = it.collation.as_ref().map(|it| format!(" COLLATE {it}"));
                way.script.add(&format!(
                    "ALTER TYPE {name} ALTER ATTRIBUTE {} TYPE {}{} CASCADE",
                    quoted(column),
                    it.data_type,
                    collation.unwrap_or_default()
                ));
            }
            Some(_) => {}
        }
        if old.get(column).and_then(|was| was.comment.as_ref()) != it.comment.as_ref() {
            let place = format!("COLUMN {name}.{}", quoted(column));
            rights::comment(&mut way.script, &place, it.comment.as_deref());
        }
    }
}

fn domain(way: &mut Alter, change: &Changed<'_>, old: &TypeBody, new: &TypeBody) {
    let (
        TypeBody::Domain {
            nullable: was,
            default: before,
            checks: gone,
            ..
        },
        TypeBody::Domain {
            nullable: is,
            default: after,
            checks: come,
            ..
        },
    ) = (old, new)
    else {
        return;
    };
    let name = full(change.key);
    if before != after {
        way.script.add(&match after {
            Some(default) => format!("ALTER DOMAIN {name} SET DEFAULT {default}"),
            None => format!("ALTER DOMAIN {name} DROP DEFAULT"),
        });
    }
    if was != is {
        let word = if *is { "DROP" } else { "SET" };
        way.script.add(&format!("ALTER DOMAIN {name} {word} NOT NULL"));
    }
    for (constraint, _) in gone.iter().filter(|(name, it)| come.get(*name) != Some(it)) {
        way.script.add(&format!(
            "ALTER DOMAIN {name} DROP CONSTRAINT {}",
            quoted(constraint)
        ));
    }
    for (constraint, it) in come.iter().filter(|(name, it)| gone.get(*name) != Some(it)) {
        let ending = if it.unvalidated { " NOT VALID" } else { "" };
        way.script.add(&format!(
            "ALTER DOMAIN {name} ADD {}{ending}",
            check(constraint, it)
        ));
        if it.comment.is_some() {
            let place = format!("CONSTRAINT {} ON DOMAIN {name}", quoted(constraint));
            rights::comment(&mut way.script, &place, it.comment.as_deref());
        }
    }
}
