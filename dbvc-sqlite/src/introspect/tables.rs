//! Tables from what SQLite tells of them.

use std::collections::{BTreeMap, HashMap};

use dbvc_engine::driver::Rows;
use dbvc_engine::schema::{Column, DataType, Table, TypeFamily};

use super::{cell, table_text};

/// What SQLite says each table is.
pub(super) struct Sorts(HashMap<String, (String, bool, bool)>);

/// Reads `pragma_table_list`.
pub(super) fn sorts(rows: &Rows) -> Sorts {
    let sorts = rows.cells.iter().map(|row| {
        let sort = (cell(row, 1).to_owned(), cell(row, 2) == "1", cell(row, 3) == "1");
        (cell(row, 0).to_owned(), sort)
    });
    Sorts(sorts.collect())
}

impl Sorts {
    /// Whether a virtual table keeps its data in it.
    pub(super) fn is_shadow(&self, name: &str) -> bool {
        self.0.get(name).is_some_and(|(sort, ..)| sort == "shadow")
    }

    /// What only SQLite has.
    pub(super) fn options(&self, name: &str, sql: &str) -> BTreeMap<String, String> {
        let Some((sort, without_rowid, strict)) = self.0.get(name) else {
            return BTreeMap::new();
        };
        let mut options = BTreeMap::new();
        for (name, is_so) in [("without_rowid", *without_rowid), ("strict", *strict)] {
            if is_so {
                options.insert(format!("sqlite.{name}"), "yes".to_owned());
            }
        }
        if sort == "virtual" {
            options.insert("sqlite.virtual".to_owned(), using(sql));
        }
        options
    }
}

/// What follows `USING`.
fn using(sql: &str) -> String {
    let mut cursor = super::cursor::Cursor::new(sql);
    while let Some(token) = cursor.next() {
        if token.is_word("USING") {
            return super::cursor::text(&cursor);
        }
    }
    sql.to_owned()
}

/// The rows about columns, by table: to look through all of them for each table takes minutes where there are thousands.
pub(super) struct Columns<'a>(HashMap<&'a str, Vec<&'a [Option<String>]>>);

/// Reads `pragma_table_xinfo`.
pub(super) fn columns(rows: &Rows) -> Columns<'_> {
    let mut by_table: HashMap<&str, Vec<&[Option<String>]>> = HashMap::new();
    for row in &rows.cells {
        by_table.entry(cell(row, 0)).or_default().push(row);
    }
    Columns(by_table)
}

/// A table with its columns and constraints.
pub(super) fn table(name: &str, sql: &str, columns: &Columns<'_>) -> Table {
    let mut table = Table::default();
    let rows = columns.0.get(name).into_iter().flatten();
    for (row, position) in rows.zip(1..) {
        table
            .columns
            .insert(cell(row, 1).to_owned(), column(row, position));
    }
    if cell_word(sql, 1) != "VIRTUAL" {
        table_text::read(name, sql, &mut table);
    }
    table
}

fn cell_word(sql: &str, at: usize) -> String {
    let words = dbvc_engine::sql::leading_words(sql, &dbvc_engine::sql::Dialect::SQLITE, at + 1);
    words.into_iter().nth(at).unwrap_or_default()
}

fn column(row: &[Option<String>], position: u32) -> Column {
    let raw = cell(row, 2)
        .split_whitespace()
        .collect::<Vec<_>>()
        .join(" ")
        .to_ascii_lowercase();
    let mut options = BTreeMap::new();
    // `sqlite.org/pragma.html`, `table_xinfo`: 1 is a hidden column of a virtual table.
    if cell(row, 5) == "1" {
        options.insert("sqlite.hidden".to_owned(), "yes".to_owned());
    }
    Column {
        position,
        data_type: DataType::new(family(&raw), raw.replace(" (", "(").replace(", ", ",")),
        nullable: cell(row, 3) != "1",
        default: row.get(4).cloned().flatten(),
        options,
        ..Column::default()
    }
}

/// What a declared type is for. SQLite itself knows affinities only (`sqlite.org/datatype3.html`, 3.1); the words that
/// people use for more are read first.
fn family(raw: &str) -> TypeFamily {
    let has = |words: &[&str]| words.iter().any(|word| raw.contains(word));
    match raw {
        _ if has(&["bool"]) => TypeFamily::Boolean,
        _ if has(&["timestamp", "datetime"]) => TypeFamily::Timestamp,
        _ if has(&["interval", "point"]) => TypeFamily::Other,
        _ if has(&["int"]) => TypeFamily::Integer,
        _ if has(&["char", "clob", "text"]) => TypeFamily::Text,
        _ if raw.is_empty() || has(&["blob", "binary"]) => TypeFamily::Binary,
        _ if has(&["real", "floa", "doub"]) => TypeFamily::Float,
        _ if has(&["date"]) => TypeFamily::Date,
        _ if has(&["time"]) => TypeFamily::Time,
        _ if has(&["json"]) => TypeFamily::Json,
        _ if has(&["uuid"]) => TypeFamily::Uuid,
        _ if has(&["dec", "numeric", "money"]) => TypeFamily::Decimal,
        _ => TypeFamily::Other,
    }
}
