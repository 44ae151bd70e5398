//! The model, put together from the answers.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use dbvc_engine::driver::Rows;
use dbvc_engine::schema::{Body, Database, Object, ObjectKey, ObjectKind, Other};
use dbvc_engine::sql::{Dialect, Token, TokenKind, tokens};

use super::catalogue::{Catalogue, LISTS, Sort, cell};
use super::place::Place;
use super::text::{stands_for_relation, unquoted};
use super::{programs, table};

/// The answers in the order of the questions: the lists, one for each thing that is shown, and the rights.
pub(super) fn database(place: &Place, catalogue: &Catalogue, answers: &[Rows]) -> Database {
    let mut database = Database::new("mysql");
    database.objects.insert(defaults_key(), defaults(place));
    let rows = |at: usize| {
        answers
            .get(at)
            .map(|rows| rows.cells.as_slice())
            .unwrap_or_default()
    };
    let mut shown = answers.iter().skip(LISTS);
    add_broken(&mut database, catalogue);
    let mut bodies = HashMap::new();
    for (item, _) in catalogue.shown() {
        let row = shown.next().and_then(|rows| rows.cells.first());
        let row = row.map(Vec::as_slice).unwrap_or_default();
        let (key, object) = match &item.sort {
            Sort::View => (
                ObjectKey::new(ObjectKind::View, &item.name),
                programs::view(row, place),
            ),
            Sort::Sequence => (
                ObjectKey::new(ObjectKind::Sequence, &item.name),
                programs::sequence(row),
            ),
            Sort::Routine(word) => (routine_key(&item.name, word), programs::routine(word, row, place)),
            Sort::Trigger => {
                bodies.insert(
                    ("trigger", item.name.as_str()),
                    programs::trigger_body(cell(row, 2)),
                );
                continue;
            }
            Sort::Event => {
                bodies.insert(("event", item.name.as_str()), programs::event_body(cell(row, 3)));
                continue;
            }
            Sort::Table | Sort::Broken(_) => table_or_text(&item.name, cell(row, 1), place),
        };
        database.objects.insert(key, object);
    }
    let body = |kind: &'static str, name: &str| bodies.get(&(kind, name)).copied().unwrap_or_default();
    add_triggers(&mut database, rows(2), place, |name| body("trigger", name));
    for row in rows(3) {
        let key = ObjectKey::new(ObjectKind::Event, cell(row, 0));
        let object = programs::event(row, body("event", cell(row, 0)), place);
        database.objects.insert(key, object);
    }
    let mut rights = shown.map(|rows| rows.cells.as_slice());
    add_rights(
        &mut database,
        rights.next().unwrap_or_default(),
        rights.next().unwrap_or_default(),
    );
    add_requirements(&mut database);
    database
}

/// Tables of which the server says only why it cannot open them.
fn add_broken(database: &mut Database, catalogue: &Catalogue) {
    for item in &catalogue.items {
        if let Sort::Broken(why) = &item.sort {
            let object = Object::new(Body::Other(Other {
                definition: why.clone(),
            }));
            let key = ObjectKey::new(ObjectKind::Other, &item.name).of("table that cannot be opened");
            database.objects.insert(key, object);
        }
    }
}

/// What tables get that say nothing else.
fn defaults_key() -> ObjectKey {
    ObjectKey::new(ObjectKind::Other, "defaults").of("database")
}

fn defaults(place: &Place) -> Object {
    Object::new(Body::Other(Other {
        definition: format!("COLLATE {}", place.collation),
    }))
}

fn table_or_text(name: &str, sql: &str, place: &Place) -> (ObjectKey, Object) {
    match table::read(name, sql, place) {
        Some(object) => (ObjectKey::new(ObjectKind::Table, name), object),
        None => (
            ObjectKey::new(ObjectKind::Other, name).of("table"),
            Object::new(Body::Other(Other {
                definition: sql.to_owned(),
            })),
        ),
    }
}

/// Functions and procedures have names of their own, so what it is belongs to the name.
fn routine_key(name: &str, word: &str) -> ObjectKey {
    let kind = match word {
        "FUNCTION" | "PROCEDURE" => ObjectKind::Routine,
        _ => ObjectKind::Other,
    };
    ObjectKey::new(kind, name).of(word.to_lowercase())
}

fn add_triggers<'a>(
    database: &mut Database,
    rows: &[Vec<Option<String>>],
    place: &Place,
    body: impl Fn(&str) -> &'a str,
) {
    let key = |row: &[Option<String>]| ObjectKey::new(ObjectKind::Trigger, cell(row, 0)).of(cell(row, 1));
    let mut before: Option<&Vec<Option<String>>> = None;
    for row in rows {
        let together = before.filter(|before| programs::run_together(before, row));
        let mut object = programs::trigger(
            row,
            body(cell(row, 0)),
            together.map(|before| cell(before, 0)),
            place,
        );
        object.requires.extend(together.map(|before| key(before)));
        object
            .requires
            .insert(ObjectKey::new(ObjectKind::Table, cell(row, 1)));
        database.objects.insert(key(row), object);
        before = Some(row);
    }
}

fn add_rights(database: &mut Database, tables: &[Vec<Option<String>>], columns: &[Vec<Option<String>>]) {
    for row in tables {
        if let Some(object) = named(database, cell(row, 0)) {
            // That somebody may pass on what he has counts as a right of its own; the server keeps it for the whole table.
            if cell(row, 3) == "YES" {
                let rights = object.grants.entry(cell(row, 1).to_owned()).or_default();
                rights.insert("GRANT OPTION".to_owned());
            }
            grant(&mut object.grants, row, "");
        }
    }
    for row in columns {
        let (name, column) = (cell(row, 0), cell(row, 4));
        let Some(object) = named(database, name) else {
            continue;
        };
        let of_column = match &mut object.body {
            Body::Table(table) => table.columns.get_mut(column),
            _ => None,
        };
        match of_column {
            Some(column) => grant(&mut column.grants, row, ""),
            None => grant(
                &mut object.grants,
                row,
                &format!(" ({})", programs::quoted(column)),
            ),
        }
    }
}

/// `USAGE` is nothing.
fn grant(grants: &mut BTreeMap<String, BTreeSet<String>>, row: &[Option<String>], of: &str) {
    if cell(row, 2) != "USAGE" {
        let right = format!("{}{of}", cell(row, 2));
        grants.entry(cell(row, 1).to_owned()).or_default().insert(right);
    }
}

/// Tables, views and sequences share their names.
fn named<'a>(database: &'a mut Database, name: &str) -> Option<&'a mut Object> {
    let kinds = [ObjectKind::Table, ObjectKind::View, ObjectKind::Sequence];
    let key = kinds
        .map(|kind| ObjectKey::new(kind, name))
        .into_iter()
        .find(|key| database.objects.contains_key(key))?;
    database.objects.get_mut(&key)
}

pub(super) fn has_routines(database: &Database) -> bool {
    database.of_kind(ObjectKind::Routine).next().is_some()
}

/// Who makes a routine may run and change it (manual, "Stored Routines and MySQL Privileges"); that is told nobody.
pub(super) fn add_routine_rights(database: &mut Database, rows: Option<&Rows>) {
    for row in rows.into_iter().flat_map(|rows| &rows.cells) {
        let Some(object) = database.objects.get_mut(&routine_key(cell(row, 0), cell(row, 1))) else {
            continue;
        };
        let rights: BTreeSet<String> = cell(row, 3)
            .split(',')
            .map(|right| match right {
                "Grant" => "GRANT OPTION".to_owned(),
                other => other.to_uppercase(),
            })
            .filter(|right| !right.is_empty())
            .collect();
        let by_making = ["ALTER ROUTINE", "EXECUTE"].map(str::to_owned).into();
        if !rights.is_empty() && (object.owner.as_deref() != Some(cell(row, 4)) || rights != by_making) {
            object.grants.insert(cell(row, 2).to_owned(), rights);
        }
    }
}

/// What must be there before: the servers tell of no view and no default what it uses, but write all its names in quotes.
fn add_requirements(database: &mut Database) {
    let mut needs: Vec<(ObjectKey, BTreeSet<ObjectKey>)> = Vec::new();
    for (key, object) in &database.objects {
        let found = match &object.body {
            Body::View(view) => used(&view.definition, database),
            Body::Table(table) => {
                let defaults = table
                    .columns
                    .values()
                    .filter_map(|column| column.default.as_deref());
                defaults.flat_map(|default| used(default, database)).collect()
            }
            _ => continue,
        };
        needs.push((key.clone(), found));
    }
    for (key, mut found) in needs {
        found.remove(&key);
        if let Some(object) = database.objects.get_mut(&key) {
            object.requires.extend(found);
        }
    }
}

fn used(sql: &str, database: &Database) -> BTreeSet<ObjectKey> {
    let tokens: Vec<Token<'_>> = tokens(sql, &Dialect::MYSQL).collect();
    let mut found = BTreeSet::new();
    for (at, token) in tokens.iter().enumerate() {
        if token.kind != TokenKind::QuotedName {
            continue;
        }
        let next = tokens.get(at + 1);
        let name = unquoted(token.text);
        let keys = if next.is_some_and(|next| next.is_symbol('(')) {
            vec![ObjectKey::new(ObjectKind::Routine, name).of("function")]
        } else if stands_for_relation(&tokens, at) && !next.is_some_and(|next| next.is_symbol('.')) {
            [ObjectKind::Table, ObjectKind::View, ObjectKind::Sequence]
                .map(|kind| ObjectKey::new(kind, name.as_str()))
                .into()
        } else {
            continue;
        };
        found.extend(keys.into_iter().filter(|key| database.objects.contains_key(key)));
    }
    found
}
