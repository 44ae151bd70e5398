//! Scripts for rules, and ears for them.

use std::collections::VecDeque;

use crate::driver::{CopyRows, Heard, Notice, StatementSource};
use crate::sql::{Batch, ScriptError, Statement};
use crate::text::{Origin, TextError};

/// A statement from nowhere.
pub fn statement(sql: impl Into<String>) -> Statement {
    Statement::new(sql, Origin::START)
}

#[derive(Debug)]
enum Piece {
    Statement(Statement),
    Copy(Statement, VecDeque<String>),
}

/// A script made of a list of statements.
#[derive(Debug, Default)]
pub struct Statements {
    pieces: VecDeque<Piece>,
    rows: VecDeque<String>,
    breaks: bool,
}

impl Statements {
    /// These statements, in order.
    pub fn new<S: Into<String>>(statements: impl IntoIterator<Item = S>) -> Self {
        let pieces = statements.into_iter().map(statement).map(Piece::Statement);
        Self {
            pieces: pieces.collect(),
            ..Self::default()
        }
    }

    /// The same with `COPY … FROM STDIN` and its rows at the end.
    #[must_use]
    pub fn copy(mut self, sql: &str, rows: impl IntoIterator<Item = String>) -> Self {
        let rows = rows.into_iter().collect();
        self.pieces.push_back(Piece::Copy(statement(sql), rows));
        self
    }

    /// The same with one more statement.
    #[must_use]
    pub fn then(mut self, sql: impl Into<String>) -> Self {
        self.pieces.push_back(Piece::Statement(statement(sql)));
        self
    }

    /// The same, but after its last statement the file turns out to have changed.
    #[must_use]
    pub fn breaking_off(mut self) -> Self {
        self.breaks = true;
        self
    }
}

impl StatementSource for Statements {
    fn next_batch(&mut self, max_bytes: usize) -> Result<Option<Batch>, ScriptError> {
        let mut batch = Batch::default();
        let mut bytes = 0;
        while let Some(piece) = self.pieces.pop_front() {
            match piece {
                Piece::Statement(next) if bytes > 0 && bytes + next.sql.len() > max_bytes => {
                    self.pieces.push_front(Piece::Statement(next));
                    return Ok(Some(batch));
                }
                Piece::Statement(next) => {
                    bytes += next.sql.len();
                    batch.statements.push(next);
                }
                Piece::Copy(copy, rows) => {
                    self.rows = rows;
                    batch.copy = Some(copy);
                    return Ok(Some(batch));
                }
            }
        }
        if batch.statements.is_empty() {
            return if self.breaks { Err(changed()) } else { Ok(None) };
        }
        batch.last = !self.breaks;
        Ok(Some(batch))
    }

    fn next_copy_rows(&mut self) -> Result<Option<String>, ScriptError> {
        Ok(self.rows.pop_front())
    }
}

fn changed() -> ScriptError {
    ScriptError::Text(TextError::Changed {
        path: "V1__changed.sql".into(),
    })
}

/// Rows from a list.
#[derive(Debug)]
pub(super) struct RowList(pub(super) VecDeque<String>);

impl CopyRows for RowList {
    fn next_rows(&mut self) -> Result<Option<String>, ScriptError> {
        Ok(self.0.pop_front())
    }
}

/// Remembers what it heard.
#[derive(Debug, Default)]
pub(super) struct Ear {
    pub(super) notices: Vec<Notice>,
    pub(super) progress: Vec<u32>,
}

impl Heard for Ear {
    fn notice(&mut self, notice: Notice) {
        self.notices.push(notice);
    }

    fn progress(&mut self, done: u32) {
        self.progress.push(done);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn batches_keep_to_the_size_and_to_the_order() {
        let mut source = Statements::new(["aaa", "bbb", "ccc"]);
        let first = source.next_batch(6).expect("readable").expect("statements");
        assert_eq!(first.statements.len(), 2);
        assert!(!first.last);
        let second = source.next_batch(1).expect("readable").expect("statements");
        assert_eq!(second.statements[0].sql, "ccc");
        assert!(second.last);
        assert!(source.next_batch(6).expect("readable").is_none());
    }

    #[test]
    fn a_script_that_breaks_off_says_so_after_its_last_statement() {
        let mut source = Statements::new(["aaa"]).breaking_off();
        assert!(!source.next_batch(6).expect("readable").expect("statements").last);
        assert!(source.next_batch(6).is_err());
    }

    #[test]
    fn rows_come_after_the_statements_before_them() {
        let mut source = Statements::new(["a"])
            .copy("COPY t FROM STDIN", ["1\n".to_owned()])
            .then("b");
        let first = source.next_batch(60).expect("readable").expect("statements");
        assert!(first.copy.is_some() && !first.last);
        assert_eq!(source.next_copy_rows().expect("readable").as_deref(), Some("1\n"));
        assert!(source.next_copy_rows().expect("readable").is_none());
        assert!(source.next_batch(60).expect("readable").expect("statements").last);
    }
}
