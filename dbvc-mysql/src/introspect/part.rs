//! Keys, indexes, foreign keys and conditions, as the server writes them.

use std::collections::BTreeMap;

use dbvc_engine::schema::{Check, ForeignKey, Index, IndexPart, Key, Reference, Table};

use super::column::option;
use super::cursor::{Cursor, meaning};
use super::place::Place;
use super::text::expression;

/// The name that every primary key has.
pub(crate) const PRIMARY: &str = "PRIMARY";

/// Reads one part of a table that is no column; false where it is none that is known.
pub(super) fn read(cursor: &mut Cursor<'_>, table: &mut Table, name: &str, place: &Place) -> bool {
    if cursor.take(&["PRIMARY", "KEY"]) {
        let read = index(cursor, place, "btree");
        let key = Key {
            primary: true,
            ..key(read, true)
        };
        table.keys.insert(PRIMARY.to_owned(), key);
        return true;
    }
    if cursor.take(&["CONSTRAINT"]) {
        let constraint = cursor.name().unwrap_or_default();
        return self::constraint(cursor, table, (name, &constraint), place);
    }
    let unique = cursor.take(&["UNIQUE"]);
    let method = ["FULLTEXT", "SPATIAL", "VECTOR"]
        .into_iter()
        .find(|word| cursor.take(&[word]))
        .map_or_else(|| "btree".to_owned(), str::to_lowercase);
    if !cursor.take(&["KEY"]) && !cursor.take(&["INDEX"]) {
        return false;
    }
    let index_name = cursor.name().unwrap_or_default();
    let read = index(cursor, place, &method);
    if unique {
        let made_up = is_made_up_index(&index_name, &read);
        table.keys.insert(index_name, key(read, made_up));
    } else {
        table.indexes.insert(index_name, read);
    }
    true
}

/// A unique index and a unique constraint are one thing here.
fn key(index: Index, generated_name: bool) -> Key {
    let mut options = index.options;
    if index.method != "btree" {
        option(&mut options, "method", &index.method);
    }
    Key {
        parts: index.parts,
        comment: index.comment,
        options,
        generated_name,
        ..Key::default()
    }
}

/// Takes the parts and the attributes of an index.
fn index(cursor: &mut Cursor<'_>, place: &Place, method: &str) -> Index {
    let mut index = Index {
        method: method.to_owned(),
        ..Index::default()
    };
    using(cursor, &mut index);
    for mut item in cursor.list().iter().flat_map(Cursor::items) {
        if item.peek_at(1).is_some_and(|token| token.is_word("WITHOUT")) {
            let period = item.name().unwrap_or_default();
            option(&mut index.options, "without_overlaps", &period);
        } else {
            index.parts.push(index_part(&mut item, place));
        }
    }
    let mut unknown = Vec::new();
    while !cursor.is_at_end() {
        if using(cursor, &mut index) {
            continue;
        }
        if cursor.take(&["COMMENT"]) {
            index.comment = meaning(cursor).filter(|text| !text.is_empty());
        } else if cursor.take(&["INVISIBLE"]) || cursor.take(&["IGNORED"]) {
            option(&mut index.options, "invisible", "yes");
        } else if cursor.take(&["WITH", "PARSER"]) {
            let parser = cursor.name().unwrap_or_default();
            option(&mut index.options, "parser", &parser);
        } else if let Some(token) = cursor.next() {
            unknown.push(token.text);
        }
    }
    if !unknown.is_empty() {
        option(&mut index.options, "more", &unknown.join(" "));
    }
    index
}

fn using(cursor: &mut Cursor<'_>, index: &mut Index) -> bool {
    let found = cursor.take(&["USING"]);
    if found {
        let method = cursor.name().unwrap_or_default().to_lowercase();
        if method != "btree" {
            index.method = method;
        }
    }
    found
}

fn index_part(item: &mut Cursor<'_>, place: &Place) -> IndexPart {
    let mut part = match item.list() {
        Some(list) => IndexPart::expression(expression(list.rest(), &place.database)),
        None => IndexPart::column(item.name().unwrap_or_default()),
    };
    if let Some(mut prefix) = item.list() {
        part.prefix = prefix.name().and_then(|number| number.parse().ok());
    }
    part.descending = item.take(&["DESC"]);
    part
}

fn constraint(
    cursor: &mut Cursor<'_>,
    table: &mut Table,
    (table_name, name): (&str, &str),
    place: &Place,
) -> bool {
    if cursor.take(&["CHECK"]) {
        let condition = cursor.list();
        let mut check = Check {
            expression: condition.map_or_else(String::new, |it| expression(it.rest(), &place.database)),
            generated_name: is_numbered(name, &format!("{table_name}_chk_"))
                || is_numbered(name, "CONSTRAINT_"),
            ..Check::default()
        };
        if cursor.take(&["NOT", "ENFORCED"]) {
            option(&mut check.options, "not_enforced", "yes");
        }
        table.checks.insert(name.to_owned(), check);
        return true;
    }
    if !cursor.take(&["FOREIGN", "KEY"]) {
        return false;
    }
    let mut key = ForeignKey {
        columns: names(cursor),
        // MariaDB 12.1 gives numbers (release notes, "foreign key constraint names").
        generated_name: is_numbered(name, &format!("{table_name}_ibfk_")) || is_numbered(name, ""),
        ..ForeignKey::default()
    };
    cursor.take(&["REFERENCES"]);
    key.references = reference(cursor, place);
    let mut unknown = Vec::new();
    while !cursor.is_at_end() {
        if cursor.take(&["ON", "DELETE"]) {
            key.on_delete = action(cursor);
        } else if cursor.take(&["ON", "UPDATE"]) {
            key.on_update = action(cursor);
        } else if let Some(token) = cursor.next() {
            unknown.push(token.text);
        }
    }
    if !unknown.is_empty() {
        option(&mut key.options, "more", &unknown.join(" "));
    }
    table.foreign_keys.insert(name.to_owned(), key);
    true
}

fn reference(cursor: &mut Cursor<'_>, place: &Place) -> Reference {
    let mut schema = None;
    let mut table = cursor.name().unwrap_or_default();
    if cursor.symbol('.') {
        schema = Some(std::mem::take(&mut table)).filter(|schema| *schema != place.database);
        table = cursor.name().unwrap_or_default();
    }
    Reference {
        schema,
        table,
        columns: names(cursor),
    }
}

fn names(cursor: &mut Cursor<'_>) -> Vec<String> {
    let items = cursor.list().map(|list| list.items()).unwrap_or_default();
    items.into_iter().filter_map(|mut item| item.name()).collect()
}

/// Refusing at once and refusing at the end of the statement are one thing to `InnoDB` (manual, "FOREIGN KEY
/// Constraints"); either may be written where nothing was asked for.
fn action(cursor: &mut Cursor<'_>) -> Option<String> {
    for (words, action) in [
        (["SET", "NULL"], Some("set null")),
        (["SET", "DEFAULT"], Some("set default")),
        (["NO", "ACTION"], None),
    ] {
        if cursor.take(&words) {
            return action.map(str::to_owned);
        }
    }
    let word = cursor.name()?.to_lowercase();
    (word != "restrict").then_some(word)
}

/// Whether a name is a stem with a number behind it.
fn is_numbered(name: &str, stem: &str) -> bool {
    name.strip_prefix(stem)
        .is_some_and(|rest| !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Whether the server would make up this name: that of the first column, with a number where that was taken (manual,
/// "CREATE TABLE Statement").
fn is_made_up_index(name: &str, index: &Index) -> bool {
    let first = index.parts.first().and_then(|part| part.column.as_deref());
    let first = first.unwrap_or("functional_index");
    name == first || is_numbered(name, &format!("{first}_"))
}

/// Marks the indexes that the server named: also those that it made for a foreign key.
pub(super) fn mark_made_up(table: &mut Table) {
    for (name, index) in &mut table.indexes {
        index.generated_name = is_made_up_index(name, index) || table.foreign_keys.contains_key(name);
    }
}

/// Puts the condition of a column beside those of the table; its name is the column's.
pub(super) fn add_column_check(checks: &mut BTreeMap<String, Check>, column: &str, expression: String) {
    let mut name = column.to_owned();
    while checks.contains_key(&name) {
        name.push('\'');
    }
    let check = Check {
        expression,
        generated_name: true,
        ..Check::default()
    };
    checks.insert(name, check);
}
