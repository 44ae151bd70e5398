//! Notes that nothing writes. They are told, so that none is lost without a word.

use std::collections::BTreeMap;

use dbvc_engine::schema::{Body, Object, ObjectKey, Table};

use super::script::Script;
use super::tables::option;
use crate::introspect::DESCRIPTION;

/// How a note of another name than the comment begins among an object's options.
pub(crate) const PROPERTY: &str = "mssql.property.";

/// How a note on a column of a table type begins among the type's options: `column name.MS_Description`.
pub(crate) const OF_COLUMN: &str = "column ";

const MADE_UP: &str = "the server made its name up, and has another one in each database: add it there";
const OF_TYPE: &str = "notes on columns of table types are not written: add it by hand";

/// Says which notes of an object that is made, or stays, are not written. Those that it had before need no word.
pub(super) fn say(script: &mut Script, key: &ObjectKey, old: Option<&Object>, new: &Object) {
    let before = old.map(notes).unwrap_or_default();
    let after = notes(new);
    for (what, (value, reason)) in &after {
        if before.get(what).map(|(value, _)| value) != Some(value) {
            script.leave_out(key, &format!("the note {what}: {reason}"));
        }
    }
    for what in before.keys().filter(|what| !after.contains_key(*what)) {
        script.leave_out(key, &format!("that the note {what} goes: take it away by hand"));
    }
}

/// By what they are about, for names that are made up differ where nothing does: the value and why it is not written.
fn notes(object: &Object) -> BTreeMap<String, (String, &'static str)> {
    let mut all = BTreeMap::new();
    match &object.body {
        Body::Table(table) => of_table(&mut all, table),
        Body::Type(_) => {
            for (place, value) in with_prefix(&object.options, &format!("{PROPERTY}{OF_COLUMN}")) {
                all.insert(format!("on column {place}"), (value.to_owned(), OF_TYPE));
            }
        }
        _ => {}
    }
    all
}

type Notes = BTreeMap<String, (String, &'static str)>;

fn of_table(all: &mut Notes, table: &Table) {
    let mut add =
        |what: String, comment: &Option<String>, options: &BTreeMap<String, String>, prefix: &str| {
            let comment = comment.as_deref().map(|text| (DESCRIPTION, text));
            for (name, value) in with_prefix(options, prefix).chain(comment) {
                all.insert(format!("{name} on {what}"), (value.to_owned(), MADE_UP));
            }
        };
    for (name, it) in &table.columns {
        if option(&it.options, "default_name").is_none() {
            let prefix = format!("{PROPERTY}default.");
            add(format!("the default of {name}"), &None, &it.options, &prefix);
        }
    }
    for it in table.keys.values().filter(|it| it.generated_name) {
        let columns: Vec<&str> = it
            .parts
            .iter()
            .filter_map(|part| part.column.as_deref())
            .collect();
        add(
            format!("the key of {}", columns.join(", ")),
            &it.comment,
            &it.options,
            PROPERTY,
        );
    }
    for it in table.checks.values().filter(|it| it.generated_name) {
        add(
            format!("the check {}", it.expression),
            &it.comment,
            &it.options,
            PROPERTY,
        );
    }
    for it in table.foreign_keys.values().filter(|it| it.generated_name) {
        let what = format!("the foreign key of {}", it.columns.join(", "));
        add(what, &it.comment, &it.options, PROPERTY);
    }
}

fn with_prefix<'a>(
    options: &'a BTreeMap<String, String>,
    prefix: &str,
) -> impl Iterator<Item = (&'a str, &'a str)> {
    options
        .iter()
        .filter_map(move |(name, value)| Some((name.strip_prefix(prefix)?, value.as_str())))
        .collect::<Vec<_>>()
        .into_iter()
}
