//! Views, types, sequences and extensions that change where they are.

use dbvc_engine::schema::{Body, Extension, Object, Sequence, Table, TypeBody, View, in_order};

use super::super::indexes::{index, index_name};
use super::super::names::{full, literal, quoted};
use super::super::tables::check;
use super::parts::{comes, commented, fields, goes, of};
use super::plan::Plan;
use super::{Alter, Changed, rights};

/// Its indexes, and what is said of its columns.
pub(super) fn view(way: &mut Alter, change: &Changed<'_>, old: &View, new: &View) {
    let name = full(change.key);
    for part in of(change.parts, "index").filter(|part| goes(part)) {
        if old.indexes.contains_key(&part.name) {
            let statement = format!("DROP INDEX {}", index_name(change.key, &part.name));
            way.script.add(&statement);
        }
    }
    for part in of(change.parts, "index").filter(|part| comes(part)) {
        if let Some(it) = new.indexes.get(&part.name) {
            index(&mut way.script, change.key, &part.name, it);
        }
    }
    for part in commented(change.parts, "index") {
        let comment = new.indexes.get(&part.name).and_then(|it| it.comment.as_deref());
        let place = format!("INDEX {}", index_name(change.key, &part.name));
        rights::comment(&mut way.script, &place, comment);
    }
    for part in of(change.parts, "column") {
        let Some(it) = new.columns.get(&part.name) else {
            continue;
        };
        let has = |name: &str| fields(part).iter().any(|field| field.field == name);
        if has("default") {
            let place = format!("ALTER VIEW {name} ALTER COLUMN {}", quoted(&part.name));
            way.script.add(&match &it.default {
                Some(default) => format!("{place} SET DEFAULT {default}"),
                None => format!("{place} DROP DEFAULT"),
            });
        }
        if has("comment") {
            let place = format!("COLUMN {name}.{}", quoted(&part.name));
            rights::comment(&mut way.script, &place, it.comment.as_deref());
        }
    }
}

pub(super) fn sequence(way: &mut Alter, change: &Changed<'_>, new: &Sequence) {
    let name = full(change.key);
    let numbers = ["type", "start", "increment", "min", "max", "cache", "cycle"];
    if numbers.iter().any(|field| change.has(field)) {
        let cycle = if new.cycle { "CYCLE" } else { "NO CYCLE" };
        way.script.add(&format!(
            "ALTER SEQUENCE {name} AS {} INCREMENT BY {} MINVALUE {} MAXVALUE {} START WITH {} CACHE {} {cycle}",
            new.data_type, new.increment, new.min, new.max, new.start, new.cache
        ));
    }
    if change.has("options.postgres.unlogged") {
        let unlogged = change.new.options.contains_key("postgres.unlogged");
        let word = if unlogged { "UNLOGGED" } else { "LOGGED" };
        way.script.add(&format!("ALTER SEQUENCE {name} SET {word}"));
    }
    if change
        .fields
        .iter()
        .any(|field| field.field.starts_with("owned_by"))
    {
        let owner = new.owned_by.as_ref().map_or_else(
            || "NONE".to_owned(),
            |(schema, table, column)| format!("{}.{}.{}", quoted(schema), quoted(table), quoted(column)),
        );
        way.script.add(&format!("ALTER SEQUENCE {name} OWNED BY {owner}"));
    }
}

pub(super) fn extension(way: &mut Alter, change: &Changed<'_>, new: &Extension) {
    let name = quoted(&change.key.name);
    if change.has("version") {
        way.script.add(&format!(
            "ALTER EXTENSION {name} UPDATE TO {}",
            literal(&new.version)
        ));
    }
    if let Some(schema) = new.installed_in.as_ref().filter(|_| change.has("installed_in")) {
        way.script
            .add(&format!("ALTER EXTENSION {name} SET SCHEMA {}", quoted(schema)));
    }
}

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
    let spare = format!("{}__old", change.key.name);
    way.script
        .first(&format!("ALTER TYPE {name} RENAME TO {}", quoted(&spare)));
    let words: Vec<String> = new.iter().map(|label| literal(label)).collect();
    way.script
        .add(&format!("CREATE TYPE {name} AS ENUM ({})", words.join(", ")));
    for (table, column, raw, default) in columns_of(plan, &name, &change.key.name) {
        let place = format!("ALTER TABLE {table} ALTER COLUMN {}", quoted(&column));
        if default.is_some() {
            way.script.add(&format!("{place} DROP DEFAULT"));
        }
        let text = if raw.ends_with("[]") { "text[]" } else { "text" };
        let gone: Vec<&String> = old.iter().filter(|label| !new.contains(label)).collect();
        let turn = format!("{place} TYPE {raw} USING {}::{text}::{raw}", quoted(&column));
        if gone.is_empty() {
            way.script.add(&turn);
        } else {
            let gone: Vec<String> = gone.iter().map(|label| literal(label)).collect();
            let line = format!(
                "-- Fails where a row of {table} has {} in it.\n",
                gone.join(" or ")
            );
            way.script.sql.push_str(&line.replace('\r', " "));
            way.script.add(&turn);
        }
        if let Some(default) = default {
            way.script.add(&format!("{place} SET DEFAULT {default}"));
        }
    }
    let mut old_key = change.key.clone();
    old_key.name = spare;
    // Columns that go, or get another type, still have it.
    way.spares.push(format!("DROP TYPE {}", full(&old_key)));
}

/// The columns of a type that are there before and afterwards: table, name, type, default.
fn columns_of(plan: &Plan<'_>, full: &str, bare: &str) -> Vec<(String, String, String, Option<String>)> {
    let of_type = |raw: &str| {
        let raw = raw.trim_end_matches("[]");
        raw == full || raw == bare
    };
    let mut found = Vec::new();
    for (key, object) in &plan.before.objects {
        let Body::Table(table) = &object.body else {
            continue;
        };
        if plan.removed.contains(key) || table.partition_of.is_some() {
            continue;
        }
        for (name, column) in in_order(&table.columns) {
            if of_type(&column.data_type.raw) && stays(plan.after.objects.get(key), name) {
                let default = column.default.clone().filter(|_| column.generated.is_none());
                found.push((
                    super::super::names::full(key),
                    name.to_owned(),
                    column.data_type.raw.clone(),
                    default,
                ));
            }
        }
    }
    found
}

fn stays(object: Option<&Object>, column: &str) -> bool {
    matches!(object.map(|object| &object.body), Some(Body::Table(Table { columns, .. })) if columns.contains_key(column))
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
