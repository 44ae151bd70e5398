//! What became of a statement whose run broke off. A statement of SQLite is atomic: its effect is there or not.

use async_trait::async_trait;
use dbvc_engine::driver::{Effect, Resolver};
use dbvc_engine::error::{Operation, Result};
use dbvc_engine::sql::{Dialect, Statement, Token, TokenKind, tokens};

use crate::session::SqliteSession;

/// What a statement would change in the catalogue.
#[derive(Debug, PartialEq, Eq)]
enum Change {
    Create {
        what: String,
        name: String,
    },
    Drop {
        what: String,
        name: String,
    },
    AddColumn {
        table: String,
        column: String,
    },
    DropColumn {
        table: String,
        column: String,
    },
    /// Doing it twice does no harm.
    Repeatable,
    Unknown,
}

#[async_trait]
impl Resolver for SqliteSession {
    async fn effect(&mut self, statement: &Statement, _session: Option<&str>) -> Result<Effect> {
        self.catch_up().await?;
        let (looked, done) = match change(&statement.sql) {
            Change::Create { what, name } => {
                let (there, looked) = self.is_there(&what, &name).await?;
                (looked, there)
            }
            Change::Drop { what, name } => {
                let (there, looked) = self.is_there(&what, &name).await?;
                (looked, !there)
            }
            Change::AddColumn { table, column } => {
                let (there, looked) = self.has_column(&table, &column).await?;
                (looked, there)
            }
            Change::DropColumn { table, column } => {
                let (there, looked) = self.has_column(&table, &column).await?;
                (looked, !there)
            }
            Change::Repeatable => ("running it again does no harm".to_owned(), false),
            Change::Unknown => {
                let looked = "the catalogue, which does not show this statement's effect";
                return Ok(Effect::Unknown(looked.into()));
            }
        };
        Ok(if done {
            Effect::Done(looked)
        } else {
            Effect::Absent(looked)
        })
    }
}

impl SqliteSession {
    async fn is_there(&mut self, what: &str, name: &str) -> Result<(bool, String)> {
        let sql = format!(
            "SELECT count(*) FROM sqlite_schema WHERE type = {} AND lower(name) = lower({})",
            self.record.text(what),
            self.record.text(name)
        );
        let there = self.counts(&sql).await?;
        let state = if there { "exists" } else { "does not exist" };
        Ok((there, format!("{what} {name} {state}")))
    }

    async fn has_column(&mut self, table: &str, column: &str) -> Result<(bool, String)> {
        let sql = format!(
            "SELECT count(*) FROM pragma_table_info({}) WHERE lower(name) = lower({})",
            self.record.text(table),
            self.record.text(column)
        );
        let there = self.counts(&sql).await?;
        let state = if there { "exists" } else { "does not exist" };
        Ok((there, format!("column {column} of {table} {state}")))
    }

    async fn counts(&mut self, sql: &str) -> Result<bool> {
        let rows = self.read(sql, Operation::Query).await?;
        let cell = rows.cells.first().and_then(|row| row.first().cloned().flatten());
        Ok(cell.is_some_and(|count| count != "0"))
    }
}

fn change(sql: &str) -> Change {
    let found: Vec<Token<'_>> = tokens(sql, &Dialect::SQLITE)
        .filter(|token| token.kind != TokenKind::Comment)
        .collect();
    let skipped = [
        "TEMP",
        "TEMPORARY",
        "UNIQUE",
        "VIRTUAL",
        "IF",
        "NOT",
        "EXISTS",
        "COLUMN",
    ];
    let words: Vec<&Token<'_>> = found
        .iter()
        .filter(|token| !skipped.iter().any(|skip| token.is_word(skip)))
        .collect();
    let Some(first) = words.first() else {
        return Change::Unknown;
    };
    let temporary = found
        .iter()
        .take(3)
        .any(|token| token.is_word("TEMP") || token.is_word("TEMPORARY"));
    if ["VACUUM", "PRAGMA", "ANALYZE", "REINDEX"]
        .iter()
        .any(|word| first.is_word(word))
    {
        return Change::Repeatable;
    }
    let kind = words
        .get(1)
        .map(|token| token.text.to_lowercase())
        .unwrap_or_default();
    let known = matches!(kind.as_str(), "table" | "index" | "view" | "trigger");
    let name = name_at(&words, 2);
    match name {
        Some(name) if known && !temporary && first.is_word("CREATE") => Change::Create { what: kind, name },
        Some(name) if known && first.is_word("DROP") => Change::Drop { what: kind, name },
        Some(table) if first.is_word("ALTER") => column_change(&words, table),
        _ => Change::Unknown,
    }
}

/// `ALTER TABLE t ADD [COLUMN] c`, `ALTER TABLE t DROP [COLUMN] c`.
fn column_change(words: &[&Token<'_>], table: String) -> Change {
    let verb = 2 + if is_qualified(words, 2) { 3 } else { 1 };
    let adds = words.get(verb).is_some_and(|token| token.is_word("ADD"));
    let drops = words.get(verb).is_some_and(|token| token.is_word("DROP"));
    match words.get(verb + 1).and_then(|token| bare(token)) {
        Some(column) if adds => Change::AddColumn { table, column },
        Some(column) if drops => Change::DropColumn { table, column },
        _ => Change::Unknown,
    }
}

fn is_qualified(words: &[&Token<'_>], index: usize) -> bool {
    words.get(index + 1).is_some_and(|token| token.is_symbol('.'))
}

/// The name at `index`. None for one in another schema than `main`, whose catalogue is not the one that is asked.
fn name_at(words: &[&Token<'_>], index: usize) -> Option<String> {
    let first = bare(words.get(index)?)?;
    if !is_qualified(words, index) {
        return Some(first);
    }
    let name = bare(words.get(index + 2)?)?;
    first.eq_ignore_ascii_case("main").then_some(name)
}

/// A name without its quotes.
fn bare(token: &Token<'_>) -> Option<String> {
    let text = token.text;
    match token.kind {
        TokenKind::Word => return Some(text.to_owned()),
        TokenKind::QuotedName | TokenKind::String => {}
        _ => return None,
    }
    let inner = text.get(1..text.len().checked_sub(1)?)?;
    let quote = text.get(..1)?;
    Some(inner.replace(&quote.repeat(2), quote))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn create(what: &str, name: &str) -> Change {
        Change::Create {
            what: what.into(),
            name: name.into(),
        }
    }

    #[test]
    fn what_a_statement_changes_is_read_from_its_words() {
        assert_eq!(
            change("CREATE TABLE IF NOT EXISTS main.\"a \"\"b\"(x)"),
            create("table", "a \"b")
        );
        assert_eq!(change("create unique index i on t(x)"), create("index", "i"));
        assert_eq!(
            change("ALTER TABLE t ADD COLUMN [c] int"),
            Change::AddColumn {
                table: "t".into(),
                column: "c".into()
            }
        );
        for sql in ["alter table t drop c", "ALTER TABLE main.t DROP COLUMN \"c\""] {
            let (table, column) = ("t".into(), "c".into());
            assert_eq!(change(sql), Change::DropColumn { table, column }, "{sql}");
        }
        assert_eq!(change("-- why\nVACUUM"), Change::Repeatable);
        assert_eq!(change("INSERT INTO t VALUES (1)"), Change::Unknown);
        assert_eq!(change("CREATE TEMP TABLE t(x)"), Change::Unknown);
        assert_eq!(change("DROP TABLE archive.t"), Change::Unknown);
        assert_eq!(change("ALTER TABLE t RENAME TO u"), Change::Unknown);
    }
}
