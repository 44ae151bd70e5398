//! Columns that change.

use std::collections::BTreeSet;

use dbvc_engine::diff::PartWhat;
use dbvc_engine::schema::{Column, Identity, Table, in_order};

use super::super::Script;
use super::super::names::{full, literal, quoted};
use super::super::tables::{column as definition, columns_later, counted};
use super::parts::{fields, of};
use super::plan::Plan;
use super::{Alter, Changed, rights};

pub(super) fn alter(way: &mut Alter, change: &Changed<'_>, old: &Table, new: &Table, plan: &Plan<'_>) {
    let table = full(change.key);
    let own = |column: &str| !plan.comes_from_above(new, old, column);
    let again = computed_anew(change, old, new);
    for column in &again {
        way.script
            .add(&format!("ALTER TABLE {table} DROP COLUMN {}", quoted(column)));
    }
    for part in of(change.parts, "column") {
        let gone = matches!(part.what, PartWhat::Removed { .. });
        if !gone || !own(&part.name) || again.contains(part.name.as_str()) {
            continue;
        }
        let statement = format!("ALTER TABLE {table} DROP COLUMN {}", quoted(&part.name));
        if old
            .columns
            .get(&part.name)
            .is_some_and(|it| it.generated.is_some())
        {
            way.script.add(&statement);
        } else {
            way.destroy(format!("column {} of {}", part.name, change.key), &statement);
        }
    }
    for part in of(change.parts, "column") {
        let sides = (old.columns.get(&part.name), new.columns.get(&part.name));
        if let (Some(was), Some(is)) = sides
            && matches!(part.what, PartWhat::Changed { .. })
            && !again.contains(part.name.as_str())
        {
            let names: Vec<&str> = fields(part).iter().map(|field| field.field.as_str()).collect();
            let from_above = !own(&part.name);
            one(way, &table, &part.name, (was, is), &names, from_above);
        }
    }
    for (name, it) in in_order(&new.columns) {
        let comes = of(change.parts, "column")
            .any(|part| part.name == name && matches!(part.what, PartWhat::Added { .. }));
        if (comes && own(name)) || again.contains(name) {
            if !it.nullable && it.default.is_none() && it.generated.is_none() && it.identity.is_none() {
                way.script.warn(
                    "Fails where the table has rows: give the column a default, or fill it in three steps",
                );
            }
            way.script.add(&format!(
                "ALTER TABLE {table} ADD COLUMN {}",
                definition(name, it)
            ));
            columns_later(&mut way.script, &table, name, it, None, false);
        }
    }
}

/// Computed columns whose expression, or what it reads, is another: they are made again, and no data is lost by that.
fn computed_anew<'a>(change: &Changed<'_>, old: &Table, new: &'a Table) -> BTreeSet<&'a str> {
    let retyped: Vec<&str> = of(change.parts, "column")
        .filter(|part| {
            fields(part)
                .iter()
                .any(|field| matches!(field.field.as_str(), "type" | "collation"))
        })
        .map(|part| part.name.as_str())
        .collect();
    let anew = |name: &String, it: &Column| {
        let Some(was) = old.columns.get(name) else {
            return false;
        };
        match (&was.generated, &it.generated) {
            (was, Some(is)) => {
                was.as_ref() != Some(is) || retyped.iter().any(|other| is.expression.contains(other))
            }
            _ => false,
        }
    };
    new.columns
        .iter()
        .filter(|(name, it)| anew(name, it))
        .map(|(name, _)| name.as_str())
        .collect()
}

fn one(
    way: &mut Alter,
    table: &str,
    name: &str,
    (was, is): (&Column, &Column),
    changes: &[&str],
    from_above: bool,
) {
    let place = format!("ALTER TABLE {table} ALTER COLUMN {}", quoted(name));
    let has = |field: &str| changes.contains(&field);
    let script = &mut way.script;
    if was.generated.is_some() && is.generated.is_none() {
        script.add(&format!("{place} DROP EXPRESSION"));
    }
    let retyped = (has("type") || has("collation")) && !from_above;
    if was.default.is_some() && was.generated.is_none() && (retyped || is.default.is_none()) {
        script.add(&format!("{place} DROP DEFAULT"));
    }
    if was.identity.is_some() && is.identity.is_none() {
        script.add(&format!("{place} DROP IDENTITY"));
    }
    if retyped {
        let collation = is.collation.as_ref().map(|it| format!(" COLLATE {it}"));
        let raw = &is.data_type.raw;
        let using = if has("type") {
            format!(" USING {}::{raw}", quoted(name))
        } else {
            String::new()
        };
        script.add(&format!(
            "{place} TYPE {raw}{}{using}",
            collation.unwrap_or_default()
        ));
    }
    if was.nullable != is.nullable && !from_above {
        if !is.nullable {
            fill(script, table, name, is);
        }
        let word = if is.nullable { "DROP" } else { "SET" };
        script.add(&format!("{place} {word} NOT NULL"));
    }
    recount(way, &place, was, is);
    let script = &mut way.script;
    if let Some(default) = is.default.as_ref().filter(|_| is.generated.is_none())
        && (retyped || was.default != is.default)
    {
        script.add(&format!("{place} SET DEFAULT {default}"));
    }
    options(way, &place, was, is, changes);
    if has("comment") {
        let place = format!("COLUMN {table}.{}", quoted(name));
        rights::comment(&mut way.script, &place, is.comment.as_deref());
    }
}

/// Rows that have nothing where something must be get what a new row would.
fn fill(script: &mut Script, table: &str, name: &str, it: &Column) {
    match it.default.as_ref().filter(|_| it.generated.is_none()) {
        Some(default) => {
            let name = quoted(name);
            script.add(&format!(
                "UPDATE {table} SET {name} = {default} WHERE {name} IS NULL"
            ));
        }
        None => script.warn(&format!("Fails where a row has nothing in {name}")),
    }
}

fn recount(way: &mut Alter, place: &str, was: &Column, is: &Column) {
    if let Some(identity) = &is.identity
        && was.identity != is.identity
    {
        match &was.identity {
            None => way.script.add(&format!("{place} ADD {}", counted(identity))),
            Some(before) => recounted(way, place, before, identity),
        }
    }
}

/// An option that is not said any more goes back to what the server does by itself (manual, `CREATE SEQUENCE`).
fn recounted(way: &mut Alter, place: &str, before: &Identity, after: &Identity) {
    let mut said = Vec::new();
    if before.always != after.always {
        said.push(format!(
            "SET GENERATED {}",
            if after.always { "ALWAYS" } else { "BY DEFAULT" }
        ));
    }
    for (word, before, after, habit) in [
        (
            "INCREMENT BY",
            before.increment,
            after.increment,
            Some("INCREMENT BY 1"),
        ),
        ("MINVALUE", before.min, after.min, Some("NO MINVALUE")),
        ("MAXVALUE", before.max, after.max, Some("NO MAXVALUE")),
        ("START WITH", before.start, after.start, Some("START WITH 1")),
        ("CACHE", before.cache, after.cache, Some("CACHE 1")),
    ] {
        if before != after {
            let words = after.map(|value| format!("{word} {value}"));
            let words = words.or_else(|| habit.map(ToOwned::to_owned));
            said.extend(words.map(|words| format!("SET {words}")));
        }
    }
    if before.cycle != after.cycle {
        said.push(format!("SET {}CYCLE", if after.cycle { "" } else { "NO " }));
    }
    if !said.is_empty() {
        way.script.add(&format!("{place} {}", said.join(" ")));
    }
}

fn options(way: &mut Alter, place: &str, was: &Column, is: &Column, changes: &[&str]) {
    for option in changes
        .iter()
        .filter_map(|field| field.strip_prefix("options.postgres."))
    {
        let name = format!("postgres.{option}");
        let value = is.options.get(&name);
        let statement = match (option, value) {
            ("storage", Some(value)) => format!("SET STORAGE {value}"),
            // What a type is stored like by itself is in its catalogue; most of those that can be told otherwise are
            // `extended` (manual, 73.2).
            ("storage", None) => "SET STORAGE EXTENDED".to_owned(),
            ("compression", value) => format!("SET COMPRESSION {}", value.map_or("default", String::as_str)),
            ("statistics", value) => format!("SET STATISTICS {}", value.map_or("-1", String::as_str)),
            (foreign, value) if foreign.starts_with("foreign.") => {
                let option = quoted(&foreign["foreign.".len()..]);
                match (was.options.get(&name), value) {
                    (None, Some(value)) => format!("OPTIONS (ADD {option} {})", literal(value)),
                    (Some(_), Some(value)) => format!("OPTIONS (SET {option} {})", literal(value)),
                    _ => format!("OPTIONS (DROP {option})"),
                }
            }
            (parameter, Some(value)) => format!("SET ({parameter} = {})", literal(value)),
            (parameter, None) => format!("RESET ({parameter})"),
        };
        way.script.add(&format!("{place} {statement}"));
    }
}
