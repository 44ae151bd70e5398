//! The statements that rules are made of.

use crate::driver::RecordLocation;

/// A statement with a fault, and where it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Faulty {
    /// The statement.
    pub sql: &'static str,
    /// The word that the error must point at; it stands in the statement once.
    pub word: &'static str,
}

/// A script and how many statements are in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Script {
    /// The text.
    pub text: &'static str,
    /// The statements in it.
    pub statements: usize,
}

/// Rows for `COPY`, in a table `copied (id, name)`.
#[derive(Debug, Clone, Copy)]
pub struct Copy {
    /// The statement.
    pub statement: &'static str,
    /// One row, with the line's end.
    pub row: fn(u32) -> String,
    /// A row that the table refuses.
    pub bad_row: &'static str,
}

/// The statements that differ between databases. Written as `Samples { …, ..Samples::STANDARD }`. What is standard
/// everywhere (`CREATE TABLE t (id integer PRIMARY KEY, name varchar(100))`) the rules write themselves.
#[derive(Debug, Clone, Copy)]
pub struct Samples {
    /// Adds a column `extra integer` to the table of this name.
    pub add_column: fn(&str) -> String,
    /// A text as a literal.
    pub literal: fn(&str) -> String,
    /// A name as an identifier that may hold anything.
    pub identifier: fn(&str) -> String,
    /// A query that runs for at least 20 s.
    pub slow_query: Option<&'static str>,
    /// A statement that runs for at least 20 s and then inserts into `slow (id)`.
    pub slow_statement: Option<&'static str>,
    /// Statements that do not fit into a transaction. They can run alone, in this order, with a table `target (id)`.
    pub unfit: &'static [&'static str],
    /// Those of them that the server refuses in a transaction, rather than doing nothing or something else.
    pub refused: &'static [&'static str],
    /// Statements that look unfit and are not; run in this order inside a transaction with a table `target (id)`.
    pub fit: &'static [&'static str],
    /// Statements with a fault; the table `target (id)` is there.
    pub faulty: &'static [Faulty],
    /// A comment in which every letter is longer than a byte, to stand before a statement.
    pub wide_comment: &'static str,
    /// Scripts that are hard to split.
    pub scripts: &'static [Script],
    /// A statement that makes the server say something.
    pub notice: Option<&'static str>,
    /// A statement that ends a transaction.
    pub commit: Option<&'static str>,
    /// A table of the record as SQL has it.
    pub record_table: fn(&RecordLocation, &str) -> String,
    /// Rows for `COPY … FROM STDIN`.
    pub copy: Option<Copy>,
}

impl Samples {
    /// What the standard has.
    pub const STANDARD: Self = Self {
        add_column: |table| format!("ALTER TABLE {table} ADD COLUMN extra integer"),
        literal: crate::record::quote_standard,
        identifier: |name| format!("\"{}\"", name.replace('"', "\"\"")),
        slow_query: None,
        slow_statement: None,
        unfit: &[],
        refused: &[],
        fit: &[],
        faulty: &[],
        wide_comment: "/* äöü 数据库 🦀 */ ",
        scripts: &[],
        notice: None,
        commit: Some("COMMIT"),
        record_table: |location, table| format!("\"{}\".{table}", location.schema.replace('"', "\"\"")),
        copy: None,
    };
}
