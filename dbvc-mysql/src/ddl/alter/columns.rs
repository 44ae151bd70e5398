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

/// The table while its columns are put in order.
struct Ordering<'a> {
    old: &'a Object,
    new: &'a Object,
    after: &'a Table,
    /// The collation to write where a column has none of its own, as the table's changes.
    collation: Option<&'a str>,
    standing: Vec<&'a str>,
    found: Columns,
}

pub(super) fn clauses(old: &Object, new: &Object) -> Columns {
    let (Some(before), Some(after)) = (table(old), table(new)) else {
        return Columns::default();
    };
    let of_table = new.options.get("mysql.collation");
    let moved = of_table != old.options.get("mysql.collation");
    let mut ordering = Ordering {
        old,
        new,
        after,
        collation: of_table.filter(|_| moved).map(String::as_str),
        standing: Vec::new(),
        found: Columns::default(),
    };
    ordering.drop(before);
    for (at, (name, column)) in in_order(&after.columns).into_iter().enumerate() {
        ordering.place(at, name, column, before.columns.get(name));
    }
    ordering.found
}

impl<'a> Ordering<'a> {
    /// Drops what is no more, and what cannot become what it is to be.
    fn drop(&mut self, before: &'a Table) {
        for (name, was) in in_order(&before.columns) {
            let replaced = self.after.columns.get(name).map(|is| must_be_replaced(was, is));
            if replaced == Some(false) {
                self.standing.push(name);
                continue;
            }
            self.found.clauses.push(format!("DROP COLUMN {}", quoted(name)));
            if was.generated.is_none() {
                self.found.lost.push(format!("column {name}"));
            }
        }
    }

    /// Adds, moves or changes the column that is to stand at a place; those before it stand already.
    fn place(&mut self, at: usize, name: &'a str, is: &Column, was: Option<&Column>) {
        let before_it = at.checked_sub(1).and_then(|at| self.standing.get(at).copied());
        let place = before_it.map_or_else(|| "FIRST".to_owned(), |it| format!("AFTER {}", quoted(it)));
        let stands = self.standing.iter().position(|it| *it == name);
        if let (Some(found_at), Some(was)) = (stands, was) {
            if found_at != at {
                self.standing.remove(found_at);
                self.standing.insert(at, name);
                let clause = format!("MODIFY COLUMN {} {place}", self.written(name, is));
                self.found.clauses.push(clause);
            } else if is_another(self.old, self.new, name, was, is) {
                let clause = format!("MODIFY COLUMN {}", self.written(name, is));
                self.found.clauses.push(clause);
            }
            return;
        }
        let last = at == self.standing.len();
        self.standing.insert(at, name);
        let place = if last { String::new() } else { format!(" {place}") };
        let clause = format!("ADD COLUMN {}{place}", self.written(name, is));
        self.found.clauses.push(clause);
    }

    fn written(&mut self, name: &str, it: &Column) -> String {
        let Some(default) = comes_later(it) else {
            return column(name, it, self.after, self.collation);
        };
        let later = format!("ALTER COLUMN {} SET DEFAULT ({default})", quoted(name));
        self.found.later.push(later);
        let without = Column {
            default: None,
            ..it.clone()
        };
        column(name, &without, self.after, self.collation)
    }
}
