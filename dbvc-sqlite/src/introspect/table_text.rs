//! What a table's statement says and SQLite does not tell otherwise (`sqlite.org/lang_createtable.html`).

use std::collections::BTreeMap;

use dbvc_engine::schema::{Check, Column, ForeignKey, Generated, IndexPart, Key, Table};

use super::cursor::{Cursor, text};
use super::index_text::part;
use super::references;

/// Reads the statement into the table, whose columns are there.
pub(super) fn read(name: &str, sql: &str, table: &mut Table) {
    let Some(body) = Cursor::new(sql).next_list() else {
        return;
    };
    let mut reader = Reader { name, table };
    for mut item in body.items() {
        if !reader.constraint(&mut item) {
            reader.column(&mut item);
        }
    }
}

struct Reader<'a> {
    name: &'a str,
    table: &'a mut Table,
}

impl Reader<'_> {
    /// A constraint of the table; false where the item is a column. What follows a column's definition without a comma
    /// is read with the column.
    fn constraint(&mut self, cursor: &mut Cursor<'_>) -> bool {
        let mut found = false;
        loop {
            let name = if cursor.take(&["CONSTRAINT"]) {
                cursor.name()
            } else {
                None
            };
            let list = |cursor: &mut Cursor<'_>| {
                let items = cursor.list().map(|list| list.items()).unwrap_or_default();
                items.into_iter().map(part).collect::<Vec<IndexPart>>()
            };
            if cursor.take(&["PRIMARY", "KEY"]) {
                let parts = list(cursor);
                self.key(name, true, parts, cursor);
            } else if cursor.take(&["UNIQUE"]) {
                let parts = list(cursor);
                self.key(name, false, parts, cursor);
            } else if cursor.take(&["CHECK"]) {
                self.check(name, cursor);
            } else if cursor.take(&["FOREIGN", "KEY"]) {
                let columns = list(cursor).into_iter().filter_map(|part| part.column).collect();
                cursor.take(&["REFERENCES"]);
                let key = references::read(cursor, columns);
                self.foreign_key(name, key);
            } else {
                return found || name.is_some();
            }
            found = true;
        }
    }

    fn column(&mut self, cursor: &mut Cursor<'_>) {
        let Some(column) = cursor.name() else { return };
        let mut name = None;
        while let Some(token) = cursor.peek() {
            if token.is_symbol('(') {
                cursor.list();
            } else if cursor.take(&["CONSTRAINT"]) {
                name = cursor.name();
            } else if cursor.take(&["PRIMARY", "KEY"]) {
                let descending = cursor.take(&["DESC"]);
                let plain = IndexPart::column(&column);
                let made = self.key(name.take(), true, vec![IndexPart { descending, ..plain }], cursor);
                // Apart from its column it would mean something else.
                if descending {
                    made.options
                        .insert("sqlite.in_column".to_owned(), "yes".to_owned());
                }
            } else if cursor.take(&["UNIQUE"]) {
                self.key(name.take(), false, vec![IndexPart::column(&column)], cursor);
            } else if cursor.take(&["CHECK"]) {
                self.check(name.take(), cursor);
            } else if cursor.take(&["REFERENCES"]) {
                let key = references::read(cursor, vec![column.clone()]);
                self.foreign_key(name.take(), key);
            } else if cursor.take(&["DEFAULT"]) {
                name = None;
            } else if cursor.take(&["NOT", "NULL"]) {
                name = None;
                let conflict = conflict(cursor);
                if let Some(column) = self.find(&column) {
                    column.options.extend(conflict);
                }
            } else if cursor.take(&["COLLATE"]) {
                name = None;
                let collation = cursor.name().map(|name| name.to_ascii_uppercase());
                if let Some(column) = self.find(&column) {
                    column.collation = collation.filter(|name| name != "BINARY");
                }
            } else if cursor.take(&["GENERATED", "ALWAYS", "AS"]) || cursor.take(&["AS"]) {
                self.generated(&column, cursor);
            } else {
                cursor.next();
            }
        }
    }

    /// Names of columns are the same in any case.
    fn find(&mut self, name: &str) -> Option<&mut Column> {
        let mut columns = self.table.columns.iter_mut();
        columns
            .find(|(key, _)| key.eq_ignore_ascii_case(name))
            .map(|(_, column)| column)
    }

    fn generated(&mut self, column: &str, cursor: &mut Cursor<'_>) {
        let expression = cursor.list().map(|list| text(&list)).unwrap_or_default();
        let stored = cursor.take(&["STORED"]);
        if let Some(column) = self.find(column) {
            column.generated = Some(Generated { expression, stored });
        }
    }

    fn key(
        &mut self,
        name: Option<String>,
        primary: bool,
        parts: Vec<IndexPart>,
        cursor: &mut Cursor<'_>,
    ) -> &mut Key {
        cursor.take(&["ASC"]);
        let mut options = conflict(cursor);
        if cursor.take(&["AUTOINCREMENT"]) {
            options.insert("sqlite.autoincrement".to_owned(), "yes".to_owned());
        }
        let ending = if primary { "pkey" } else { "key" };
        let columns = parts
            .iter()
            .filter(|_| !primary)
            .filter_map(|part| part.column.as_deref());
        let made_up = made_up(self.name, columns, ending);
        let (name, generated_name) = chosen(name, made_up, &self.table.keys);
        let key = Key {
            primary,
            parts,
            generated_name,
            options,
            ..Key::default()
        };
        self.table.keys.entry(name).or_insert(key)
    }

    fn check(&mut self, name: Option<String>, cursor: &mut Cursor<'_>) {
        let expression = cursor.list().map(|list| text(&list)).unwrap_or_default();
        let options = conflict(cursor);
        let made_up = made_up(self.name, [].into_iter(), "check");
        let (name, generated_name) = chosen(name, made_up, &self.table.checks);
        let check = Check {
            expression,
            generated_name,
            options,
            ..Check::default()
        };
        self.table.checks.insert(name, check);
    }

    fn foreign_key(&mut self, name: Option<String>, key: ForeignKey) {
        let made_up = made_up(self.name, key.columns.iter().map(String::as_str), "fkey");
        let (name, generated_name) = chosen(name, made_up, &self.table.foreign_keys);
        self.table.foreign_keys.insert(
            name,
            ForeignKey {
                generated_name,
                ..key
            },
        );
    }
}

/// `ON CONFLICT …`
fn conflict(cursor: &mut Cursor<'_>) -> BTreeMap<String, String> {
    let taken = cursor.take(&["ON", "CONFLICT"]).then(|| cursor.name()).flatten();
    taken
        .map(|name| ("sqlite.on_conflict".to_owned(), name.to_ascii_lowercase()))
        .filter(|(_, name)| name != "abort")
        .into_iter()
        .collect()
}

/// A constraint that nobody named has no name in SQLite; this one stands for it.
fn made_up<'a>(table: &str, columns: impl Iterator<Item = &'a str>, ending: &'a str) -> String {
    let mut name = table.to_owned();
    for part in columns.chain([ending]) {
        name.push('_');
        name.push_str(part);
    }
    name
}

/// The name that was given, or the made-up one with a number where it is taken; and whether it is made up.
fn chosen<T>(given: Option<String>, made_up: String, taken: &BTreeMap<String, T>) -> (String, bool) {
    let generated = given.is_none();
    let stem = given.unwrap_or(made_up);
    let free = |name: &String| !taken.contains_key(name);
    // SQLite lets a name be given twice.
    let numbered = (1_u32..).map(|number| format!("{stem}{number}"));
    let name = std::iter::once(stem.clone()).chain(numbered).find(free);
    (name.unwrap_or(stem), generated)
}
