//! Columns that come, go, move and change.

use dbvc_engine::schema::{Body, Column, Object, Table, in_order};

use super::super::parts::{column, has_collation, own_check};
use crate::introspect::quoted;

/// What stands in the statement, and what it destroys.
#[derive(Debug, Default)]
pub(super) struct Columns {
    pub(super) clauses: Vec<String>,
    pub(super) lost: Vec<String>,
    /// Clauses of a statement of its own, after this one.
    pub(super) later: Vec<String>,
}

/// Functions that give each row another value. MySQL refuses them as a default in a statement that makes the table's rows
/// anew (error 1674).
const EACH_ANOTHER: [&str; 5] = ["uuid()", "uuid_short()", "rand()", "random_bytes(", "sysdate("];

fn comes_later(column: &Column) -> Option<&String> {
    let default = column.default.as_ref()?;
    let found = EACH_ANOTHER.iter().any(|function| default.contains(function));
    found.then_some(default)
}

fn table(object: &Object) -> Option<&Table> {
    match &object.body {
        Body::Table(table) => Some(table),
        _ => None,
    }
}

fn collation<'a>(object: &'a Object, column: &'a Column) -> Option<&'a String> {
    let of_table = object.options.get("mysql.collation");
    column
        .collation
        .as_ref()
        .or(of_table)
        .filter(|_| has_collation(column))
}

/// Whether a foreign key on the column may stay while it changes.
pub(super) fn holds_keys(old: &Object, new: &Object, name: &str) -> bool {
    let column = |object| table(object).and_then(|table: &Table| table.columns.get(name));
    let (Some(was), Some(is)) = (column(old), column(new)) else {
        return true;
    };
    was.data_type == is.data_type
        && was.nullable == is.nullable
        && was.identity == is.identity
        && was.generated == is.generated
        && collation(old, was) == collation(new, is)
}

/// Whether it must be written anew.
fn is_another(old: &Object, new: &Object, name: &str, was: &Column, is: &Column) -> bool {
    let same_but_for_place = Column {
        position: is.position,
        grants: is.grants.clone(),
        collation: is.collation.clone(),
        ..was.clone()
    } == *is;
    let check = |object| table(object).and_then(|table| own_check(name, table));
    !same_but_for_place || collation(old, was) != collation(new, is) || check(old) != check(new)
}

/// What is computed when it is read cannot become what is kept, nor the other way round (manual, "ALTER TABLE and
/// Generated Columns"); nor can MariaDB change how it is computed in place.
fn must_be_replaced(was: &Column, is: &Column) -> bool {
    let is_virtual = |column: &Column| column.generated.as_ref().is_some_and(|it| !it.stored);
    let row = |column: &Column| column.options.get("mysql.row").cloned();
    (was.generated != is.generated && (is_virtual(was) || is_virtual(is)))
        || (was.generated.is_some() && is.generated.is_some() && was.generated != is.generated)
        || (was.generated.is_none() && is.generated.is_some())
        || row(was) != row(is)
}

pub(super) fn clauses(old: &Object, new: &Object) -> Columns {
    let mut found = Columns::default();
    let (Some(before), Some(after)) = (table(old), table(new)) else {
        return found;
    };
    let of_table = new.options.get("mysql.collation");
    let moved = of_table != old.options.get("mysql.collation");
    let mut later = Vec::new();
    let mut written = |name: &str, it: &Column| {
        let collation = of_table.filter(|_| moved).map(String::as_str);
        let Some(default) = comes_later(it) else {
            return column(name, it, after, collation);
        };
        later.push(format!("ALTER COLUMN {} SET DEFAULT ({default})", quoted(name)));
        let without = Column {
            default: None,
            ..it.clone()
        };
        column(name, &without, after, collation)
    };
    let mut standing: Vec<&str> = Vec::new();
    for (name, was) in in_order(&before.columns) {
        let replaced = after.columns.get(name).map(|is| must_be_replaced(was, is));
        if replaced == Some(false) {
            standing.push(name);
            continue;
        }
        found.clauses.push(format!("DROP COLUMN {}", quoted(name)));
        if was.generated.is_none() {
            found.lost.push(format!("column {name}"));
        }
    }
    for (at, (name, is)) in in_order(&after.columns).into_iter().enumerate() {
        let before_it = at.checked_sub(1).and_then(|at| standing.get(at).copied());
        let place = before_it.map_or_else(|| "FIRST".to_owned(), |it| format!("AFTER {}", quoted(it)));
        let stands = standing.iter().position(|it| *it == name);
        match (stands, before.columns.get(name)) {
            (Some(found_at), Some(was)) => {
                if found_at != at {
                    standing.remove(found_at);
                    standing.insert(at, name);
                    found
                        .clauses
                        .push(format!("MODIFY COLUMN {} {place}", written(name, is)));
                } else if is_another(old, new, name, was, is) {
                    found.clauses.push(format!("MODIFY COLUMN {}", written(name, is)));
                }
            }
            _ => {
                let last = at == standing.len();
                standing.insert(at, name);
                let place = if last { String::new() } else { format!(" {place}") };
                found
                    .clauses
                    .push(format!("ADD COLUMN {}{place}", written(name, is)));
            }
        }
    }
    found.later = later;
    found
}
