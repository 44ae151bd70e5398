//! Views, sequences and extensions that change where they are.

use dbvc_engine::schema::{Extension, Sequence, View};

use super::super::indexes::{index, index_name};
use super::super::names::{full, literal, quoted};
use super::parts::{comes, commented, fields, goes, of};
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
