//! The lexical facts of a database's SQL, as data.

use serde::{Deserialize, Serialize};

/// What a splitter must know of a database's SQL. Written as `Dialect { …, ..Dialect::STANDARD }`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is one independent lexical fact"
)]
pub struct Dialect {
    /// The name that people know, such as `postgres`.
    pub name: &'static str,
    /// `/* a /* b */ c */` is one comment.
    pub nested_comments: bool,
    /// `$tag$ … $tag$` is a string.
    pub dollar_quotes: bool,
    /// `E'…'` knows backslash escapes.
    pub escape_strings: bool,
    /// Every string knows backslash escapes.
    pub backslash_escapes: bool,
    /// `[name]` is a quoted identifier.
    pub bracket_identifiers: bool,
    /// In `[name]`, `]]` stands for one `]`.
    pub doubled_brackets: bool,
    /// `@` and `#` begin a word and go on with one: `@variable`, `#table`.
    pub sigils_in_words: bool,
    /// `` `name` `` is a quoted identifier.
    pub backtick_identifiers: bool,
    /// `#` begins a comment.
    pub hash_comments: bool,
    /// `--` begins a comment only before white space.
    pub dash_comment_needs_space: bool,
    /// A carriage return ends a `--` comment as a line feed does.
    pub carriage_return_ends_comment: bool,
    /// A `;` inside parentheses does not end the statement (PostgreSQL: `CREATE RULE … DO ALSO (a; b)`).
    pub semicolons_in_parentheses: bool,
    /// `COPY … FROM STDIN` is followed by rows, up to a line `\.`.
    pub copy_data: bool,
    /// A line that begins with a backslash is a command to the terminal client.
    pub client_commands: bool,
    /// `"…"` is a string and no name.
    pub double_quoted_strings: bool,
    /// `/*! … */` and `/*M! … */` are no comments: the server runs what is in them.
    pub code_in_comments: bool,
    /// `DELIMITER x` makes `x` the end of a statement, and is no statement itself.
    pub delimiter_command: bool,
    /// `SET sql_mode` changes what quotes and backslashes mean.
    pub sql_mode: bool,
    /// A script is cut into batches at lines `GO`, and nowhere else.
    pub go_batches: bool,
    /// How compound statements (a trigger's or a function's body) are written.
    pub bodies: Bodies,
}

/// How a statement that holds statements is told from its end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Bodies {
    /// There are none.
    None,
    /// `CREATE FUNCTION … BEGIN ATOMIC … END` (the SQL standard; PostgreSQL 14 and later).
    Atomic,
    /// `CREATE TRIGGER … BEGIN … END` (SQLite).
    Trigger,
    /// Stored programs with blocks, loops and handlers (MySQL, MariaDB).
    Compound,
}

impl Dialect {
    /// SQL as the standard has it, and nothing more.
    pub const STANDARD: Self = Self {
        name: "standard",
        nested_comments: true,
        dollar_quotes: false,
        escape_strings: false,
        backslash_escapes: false,
        bracket_identifiers: false,
        doubled_brackets: false,
        sigils_in_words: false,
        backtick_identifiers: false,
        hash_comments: false,
        dash_comment_needs_space: false,
        carriage_return_ends_comment: true,
        semicolons_in_parentheses: false,
        copy_data: false,
        client_commands: false,
        double_quoted_strings: false,
        code_in_comments: false,
        delimiter_command: false,
        sql_mode: false,
        go_batches: false,
        bodies: Bodies::None,
    };

    /// PostgreSQL (manual, chapter 4.1 "Lexical Structure").
    pub const POSTGRES: Self = Self {
        name: "postgres",
        dollar_quotes: true,
        escape_strings: true,
        semicolons_in_parentheses: true,
        copy_data: true,
        client_commands: true,
        bodies: Bodies::Atomic,
        ..Self::STANDARD
    };

    /// SQLite (`sqlite.org/lang_keywords.html`, `sqlite.org/lang_comment.html`).
    pub const SQLITE: Self = Self {
        name: "sqlite",
        nested_comments: false,
        carriage_return_ends_comment: false,
        bracket_identifiers: true,
        backtick_identifiers: true,
        bodies: Bodies::Trigger,
        ..Self::STANDARD
    };

    /// MySQL and MariaDB (MySQL manual, "Language Structure"; `mysql` client, "DELIMITER"), as a session is whose
    /// `sql_mode` has neither `ANSI_QUOTES` nor `NO_BACKSLASH_ESCAPES`. `$$ … $$` quotes the body of a JavaScript
    /// routine (MySQL 9), where it is not the delimiter.
    pub const MYSQL: Self = Self {
        name: "mysql",
        nested_comments: false,
        dollar_quotes: true,
        backslash_escapes: true,
        backtick_identifiers: true,
        hash_comments: true,
        dash_comment_needs_space: true,
        carriage_return_ends_comment: false,
        double_quoted_strings: true,
        code_in_comments: true,
        delimiter_command: true,
        sql_mode: true,
        bodies: Bodies::Compound,
        ..Self::STANDARD
    };
    /// SQL Server and Azure SQL (Transact-SQL reference; `sqlcmd`, "GO"). A script's unit is the batch between two `GO`
    /// lines: the server parses a batch as a whole, so it is not cut any further.
    pub const MSSQL: Self = Self {
        name: "mssql",
        bracket_identifiers: true,
        doubled_brackets: true,
        sigils_in_words: true,
        go_batches: true,
        ..Self::STANDARD
    };
}
