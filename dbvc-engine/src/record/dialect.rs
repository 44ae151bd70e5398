//! What differs between databases in the record's SQL.

use super::Upsert;
use crate::driver::RecordLocation;

/// One database's ways. Everything else of the record's SQL is standard.
#[derive(Clone, Copy)]
pub struct RecordDialect {
    /// Tables stand in a schema of their own; otherwise their names have a prefix.
    pub schemas: bool,
    /// A text as a literal.
    pub literal: fn(&str) -> String,
    /// The server's clock now, in UTC.
    pub now: &'static str,
    /// When the running transaction began, by the same clock; `now` where the server does not tell.
    pub begun: &'static str,
    /// A time as ISO 8601 text in UTC, `2026-11-21T04:55:54.123Z`.
    pub iso: fn(&str) -> String,
    /// A time moved by so many milliseconds, which may be negative.
    pub moved: fn(&str, i64) -> String,
    /// The whole milliseconds from one time to another.
    pub millis: fn(&str, &str) -> String,
    /// The server's name for this session, as text; `NULL` where there is none.
    pub session: &'static str,
    /// The login of this session, as text; none where the database has no logins.
    pub login: Option<&'static str>,
    /// A text as JSON has it, quotes included, in the canonical form (RFC 8785, 3.2.2.2): nothing escaped but `"`, `\`
    /// and control characters, of which `\b`, `\t`, `\n`, `\f` and `\r` are short and others have lower-case digits.
    pub json: fn(&str) -> String,
    /// Whether the session that holds the lock lives: 1, 0, or `NULL` where the server cannot tell. Given where the
    /// record is and the lock table's alias.
    pub alive: fn(&RecordLocation, &str) -> String,
    /// The type of an ever-growing key, with the key's constraint.
    pub rank_type: &'static str,
    /// The type of a time.
    pub time_type: &'static str,
    /// SHA-256 over a text in UTF-8, as 64 lower-case hexadecimal digits. Without it the adapter seals events itself, in
    /// the transaction that appended them ([`super::RecordSql::unsealed`], [`super::RecordSql::seal`]).
    pub sha256: Option<fn(&str) -> String>,
    /// What of the language itself differs.
    pub grammar: RecordGrammar,
}

/// How a database writes what the standard does not have, or has and it does not.
#[derive(Debug, Clone, Copy)]
pub struct RecordGrammar {
    /// What stands before and behind a name; the second is doubled inside it.
    pub quote: (char, char),
    /// Tables are named with the database they are in ([`RecordLocation::schema`]), so that a script that turns to
    /// another one takes the record along nowhere.
    pub qualified: bool,
    /// A row that is written whether it is there or not.
    pub upsert: fn(&Upsert<'_>) -> String,
    /// The type of a short text of so many characters at most. Such texts compare character by character.
    pub string_type: fn(u16) -> String,
    /// The type of a long text.
    pub text_type: &'static str,
    /// Expressions, with commas between them, as one text that may be long.
    pub long_concat: fn(&str) -> String,
    /// What stands behind a table's columns.
    pub table_options: &'static str,
    /// What begins the making of a schema that may be there, given its name.
    pub create_schema: fn(&str) -> String,
    /// What begins the making of a table that may be there, given its name.
    pub create_table: fn(&str) -> String,
    /// Makes a view, given its name and its query.
    pub create_view: fn(&str, &str) -> String,
    /// What begins the making of an index.
    pub create_index: &'static str,
    /// What begins the adding of a column.
    pub add_column: &'static str,
    /// One statement may add several columns.
    pub several_columns: bool,
    /// What keeps a row that was read from changing until the transaction ends: behind the table's name, and at the end.
    pub hold_row: (&'static str, &'static str),
    /// How events are appended to the audit trail.
    pub chaining: Chaining,
    /// What keeps a query inside another one a query of its own, behind it.
    pub fence: &'static str,
    /// What to write for the place of an event whose chain has no head, beside `h.sequence`; none where NULL is refused
    /// whatever a script has set.
    pub no_head: Option<&'static str>,
    /// What to write for the number of an execution that the history does not have, beside `e.execution_id`.
    pub no_entry: Option<&'static str>,
    /// The first rows of a query that says an order, or all of them; it may stand in another query.
    pub first_rows: fn(&str, Option<u32>) -> String,
}

/// How events are appended. Fewer statements cost the server less.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Chaining {
    /// All events and the head in one statement: a query may hold writes.
    OneStatement,
    /// All events in one statement, and the head in another.
    OneInsert,
    /// Each event in a statement, and the head in another.
    EachAlone,
}

impl RecordGrammar {
    /// What PostgreSQL and SQLite share.
    pub const STANDARD: Self = Self {
        quote: ('"', '"'),
        qualified: false,
        upsert: |row| row.on_conflict(),
        string_type: |length| format!("varchar({length})"),
        text_type: "text",
        long_concat: |parts| format!("concat({parts})"),
        table_options: "",
        create_schema: |schema| format!("CREATE SCHEMA IF NOT EXISTS {schema}"),
        create_table: |table| format!("CREATE TABLE IF NOT EXISTS {table}"),
        create_view: |view, query| format!("CREATE VIEW {view} AS {query}"),
        create_index: "CREATE INDEX IF NOT EXISTS",
        add_column: "ADD COLUMN",
        several_columns: false,
        hold_row: ("", ""),
        chaining: Chaining::EachAlone,
        fence: "",
        no_head: None,
        no_entry: None,
        first_rows: |query, limit| {
            limit.map_or_else(|| query.to_owned(), |limit| format!("{query} LIMIT {limit}"))
        },
    };
}

impl std::fmt::Debug for RecordDialect {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("RecordDialect")
            .field("schemas", &self.schemas)
            .finish_non_exhaustive()
    }
}

/// A literal as the standard has it: quotes doubled, nothing else special. NUL, which no database keeps in a text,
/// becomes the replacement character.
pub fn quote_standard(text: &str) -> String {
    format!("'{}'", text.replace('\0', "\u{fffd}").replace('\'', "''"))
}

#[cfg(test)]
mod tests {
    use super::quote_standard;

    #[test]
    fn a_quote_cannot_end_a_literal() {
        assert_eq!(quote_standard("it's; DROP"), "'it''s; DROP'");
        assert_eq!(quote_standard("a\0b"), "'a\u{fffd}b'");
    }
}
