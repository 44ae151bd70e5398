//! Running statements.
//!
//! Foreign keys are enforced unless the URL says `foreign_keys=off`. dbvc does not run `PRAGMA foreign_key_check` before
//! it commits: enforced keys are checked by the commit itself, and where they are off that is what was asked for (a
//! check of every table would also refuse a migration for rows that were there before it).

use std::time::Instant;

use async_trait::async_trait;
use dbvc_engine::driver::{
    Executor, Fence, Heard, Limits, Outcome, Rows, StatementSource, Unit, apply_in_steps,
};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::sql::{Dialect, Statement, TokenKind, leading_words, tokens, transaction_control};
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Column, Either, Row, TypeInfo, ValueRef};

use crate::error::from_sqlx;
use crate::limit::Limiter;
use crate::session::SqliteSession;

/// `SQLITE_CONSTRAINT_FOREIGNKEY`.
const FOREIGN_KEY: &str = "787";
const ORPHANS_SHOWN: u32 = 5;
/// Verbs whose statement may hold one of those that change rows: a trigger's body, an explained statement.
const OTHER_VERBS: [&str; 6] = ["SELECT", "VALUES", "CREATE", "DROP", "ALTER", "EXPLAIN"];

/// SQLite looks at the clock and the token every so many of its virtual machine's steps
/// (`sqlite.org/c3ref/progress_handler.html`).
const STEPS_BETWEEN_LOOKS: i32 = 10_000;

/// Statements are handed to the library in groups of about this size. One call a statement costs two changes of
/// thread; a larger group costs too, because SQLite copies what is left of the text before each statement.
const GROUP_BYTES: usize = 8 * 1024;

/// What a statement gave.
#[derive(Default)]
struct Answer {
    rows: Rows,
    changed: u64,
}

impl SqliteSession {
    /// Runs one statement; keeps the rows when asked to.
    async fn run(&mut self, sql: &str, keep: bool, operation: Operation) -> Result<Answer> {
        let mut answer = Answer::default();
        let query = sqlx::raw_sql(AssertSqlSafe(sql.to_owned()));
        let mut stream = query.fetch_many(&mut self.connection);
        loop {
            match stream.try_next().await {
                Ok(Some(Either::Left(result))) => answer.changed += result.rows_affected(),
                Ok(Some(Either::Right(row))) if keep => {
                    if answer.rows.columns.is_empty() {
                        answer.rows.columns = row
                            .columns()
                            .iter()
                            .map(|column| column.name().to_owned())
                            .collect();
                    }
                    let cells = (0..row.columns().len()).map(|index| cell(&row, index)).collect();
                    answer.rows.cells.push(cells);
                }
                Ok(Some(Either::Right(_))) => {}
                Ok(None) => return Ok(answer),
                Err(error) => return Err(from_sqlx(&error, operation, Some(sql))),
            }
        }
    }

    pub(crate) async fn read(&mut self, sql: &str, operation: Operation) -> Result<Rows> {
        self.run(sql, true, operation).await.map(|answer| answer.rows)
    }

    pub(crate) async fn write(&mut self, sql: &str, operation: Operation) -> Result<u64> {
        self.run(sql, false, operation).await.map(|answer| answer.changed)
    }

    /// Sets the limits for what runs next.
    async fn limit(&mut self, limits: &Limits, operation: Operation) -> Result<Limiter> {
        if limits.cancel.is_cancelled() {
            let message = "stopped before it began";
            return Err(DriverError::new(ErrorKind::Cancelled, operation, message));
        }
        let limiter = Limiter::new(limits);
        let handle = self.connection.lock_handle().await;
        let mut handle = handle.map_err(|error| from_sqlx(&error, operation, None))?;
        let watch = limiter.clone();
        handle.set_progress_handler(STEPS_BETWEEN_LOOKS, move || watch.may_go_on());
        Ok(limiter)
    }

    async fn unlimit(&mut self) {
        if let Ok(mut handle) = self.connection.lock_handle().await {
            handle.remove_progress_handler();
        }
    }

    async fn run_groups(&mut self, statements: &[Statement], limits: &Limits) -> Outcome {
        let clock = Instant::now();
        let mut outcome = Outcome::default();
        for group in groups(statements, self.in_transaction) {
            let mut done = 0;
            let result = self.run_group(group, limits, &mut done, &mut outcome.rows).await;
            outcome.statements += u32::try_from(done).unwrap_or(u32::MAX);
            if let Err(error) = result {
                outcome.duration = clock.elapsed();
                return outcome.stopped(group.get(done).cloned(), error);
            }
        }
        outcome.duration = clock.elapsed();
        outcome
    }

    /// Runs a group of statements and counts which of them came to their end.
    async fn run_group(
        &mut self,
        group: &[Statement],
        limits: &Limits,
        done: &mut usize,
        rows: &mut u64,
    ) -> Result<()> {
        if !self.in_transaction {
            group.iter().try_for_each(refuse_to_open)?;
        }
        let limiter = self.limit(limits, Operation::Execute).await?;
        let result = if self.in_transaction {
            self.run_together(group, &limiter, done, rows).await
        } else {
            self.run_alone(group, done, rows).await
        };
        self.unlimit().await;
        result.map_err(|error| self.explain_refused_commit(limiter.explain(error, limits)))?;
        self.check_open().inspect_err(|_| {
            let ends =
                |statement: &Statement| transaction_control(&statement.sql, &Dialect::SQLITE).is_some();
            *done = group.iter().position(ends).unwrap_or(*done);
        })
    }

    /// Outside a transaction each statement may have to wait for another writer.
    async fn run_alone(&mut self, group: &[Statement], done: &mut usize, rows: &mut u64) -> Result<()> {
        for statement in group {
            let changed = self.patiently(&statement.sql, Operation::Execute).await?;
            *done += 1;
            *rows += counted(statement, changed);
        }
        Ok(())
    }

    /// Inside one, a group is one call to the library.
    async fn run_together(
        &mut self,
        group: &[Statement],
        limiter: &Limiter,
        done: &mut usize,
        rows: &mut u64,
    ) -> Result<()> {
        let texts: Vec<&str> = group.iter().map(|statement| statement.sql.as_str()).collect();
        let query = sqlx::raw_sql(AssertSqlSafe(texts.join(";\n")));
        let mut stream = query.fetch_many(&mut self.connection);
        loop {
            match stream.try_next().await {
                Ok(Some(Either::Left(result))) => {
                    if let Some(statement) = group.get(*done) {
                        *rows += counted(statement, result.rows_affected());
                    }
                    *done += 1;
                    limiter.next_statement();
                }
                Ok(Some(Either::Right(_))) => {}
                Ok(None) => return Ok(()),
                Err(error) => {
                    let text = texts.get(*done).copied();
                    return Err(from_sqlx(&error, Operation::Execute, text));
                }
            }
        }
    }

    /// Names the rows that a deferred foreign key refuses, while the transaction that holds them is still there.
    async fn name_orphans(&mut self, mut error: DriverError) -> DriverError {
        let sql =
            format!("SELECT \"table\", rowid, parent FROM pragma_foreign_key_check LIMIT {ORPHANS_SHOWN}");
        let Ok(rows) = self.read(&sql, Operation::Transaction).await else {
            return error;
        };
        for row in rows.cells {
            let mut cells = row.into_iter().map(Option::unwrap_or_default);
            if let (Some(table), Some(rowid), Some(parent)) = (cells.next(), cells.next(), cells.next()) {
                error = error.with_note(format!(
                    "row {rowid} of {table} refers to a row of {parent} that is not there"
                ));
            }
        }
        error
    }
}

/// Statements in groups to be run together; one by one outside a transaction, where each commits by itself.
fn groups(statements: &[Statement], together: bool) -> impl Iterator<Item = &[Statement]> {
    let mut bytes = 0;
    statements.chunk_by(move |statement, _| {
        bytes += statement.sql.len();
        let fits = together && bytes < GROUP_BYTES;
        if !fits {
            bytes = 0;
        }
        fits
    })
}

fn counted(statement: &Statement, changed: u64) -> u64 {
    if changes_rows(&statement.sql) { changed } else { 0 }
}

/// Whether SQLite's count of changed rows is this statement's: any other leaves the count of the one before
/// (`sqlite.org/c3ref/changes.html`). After `WITH`, the verb is the first one outside all parentheses.
fn changes_rows(sql: &str) -> bool {
    let mut depth = 0_usize;
    for token in tokens(sql, &Dialect::SQLITE) {
        if token.is_symbol('(') {
            depth += 1;
        } else if token.is_symbol(')') {
            depth = depth.saturating_sub(1);
        } else if depth == 0 && token.kind == TokenKind::Word && !token.is_word("WITH") {
            let is = |word: &&str| token.is_word(word);
            if ["INSERT", "UPDATE", "DELETE", "REPLACE"].iter().any(is) {
                return true;
            }
            if OTHER_VERBS.iter().any(is) {
                return false;
            }
        }
    }
    false
}

/// Outside a transaction every statement commits by itself and is recorded after that. A script that opened one of its
/// own would take the record's entries into it.
fn refuse_to_open(statement: &Statement) -> Result<()> {
    let words = leading_words(&statement.sql, &Dialect::SQLITE, 1);
    match words.first().map(String::as_str) {
        Some(word @ ("BEGIN" | "SAVEPOINT")) => Err(DriverError::new(
            ErrorKind::Statement,
            Operation::Execute,
            format!("{word} would open a transaction in a script whose statements commit one by one"),
        )),
        _ => Ok(()),
    }
}

#[async_trait]
impl Executor for SqliteSession {
    async fn begin(&mut self, fence: &Fence) -> Result<()> {
        self.make_file().await?;
        self.begin_immediate().await?;
        let checked = self.check_fence(fence).await;
        if checked.is_err() {
            let _ = self.roll_back_now().await;
        }
        checked
    }

    async fn commit(&mut self) -> Result<()> {
        match self.commit_now().await {
            Err(error) if error.code.as_deref() == Some(FOREIGN_KEY) => Err(self.name_orphans(error).await),
            other => other,
        }
    }

    async fn rollback(&mut self) -> Result<()> {
        self.roll_back_now().await
    }

    async fn execute(
        &mut self,
        statements: &[Statement],
        limits: &Limits,
        _heard: &mut dyn Heard,
    ) -> Outcome {
        if !self.in_transaction
            && let Err(error) = self.make_file().await
        {
            return Outcome::default().stopped(None, error);
        }
        let before = self.be_patient(limits);
        let outcome = self.run_groups(statements, limits).await;
        self.patience = before;
        outcome
    }

    async fn query(&mut self, sql: &str, limits: &Limits) -> Result<Rows> {
        self.catch_up().await?;
        let limiter = self.limit(limits, Operation::Query).await?;
        let rows = match self.write("PRAGMA query_only = ON", Operation::Query).await {
            Ok(_) => self.read(sql, Operation::Query).await,
            Err(error) => Err(error),
        };
        self.unlimit().await;
        let rows = rows.map_err(|error| limiter.explain(error, limits));
        self.write("PRAGMA query_only = OFF", Operation::Query).await?;
        rows
    }

    async fn apply(
        &mut self,
        unit: &Unit<'_>,
        source: &mut dyn StatementSource,
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Outcome {
        let before = self.be_patient(limits);
        let outcome = apply_in_steps(self, unit, source, limits, heard).await;
        self.patience = before;
        outcome
    }
}

/// A cell as text, whatever its storage class; a blob in hexadecimal as SQLite writes it.
fn cell(row: &sqlx::sqlite::SqliteRow, index: usize) -> Option<String> {
    let value = row.try_get_raw(index).ok()?;
    if value.is_null() {
        return None;
    }
    let class = value.type_info().name().to_owned();
    match class.as_str() {
        "INTEGER" | "INT8" | "BOOLEAN" => row.try_get::<i64, _>(index).ok().map(|number| number.to_string()),
        "REAL" => row.try_get::<f64, _>(index).ok().map(|number| number.to_string()),
        "BLOB" => row.try_get::<Vec<u8>, _>(index).ok().map(|bytes| {
            use std::fmt::Write;
            bytes.iter().fold(String::new(), |mut text, byte| {
                let _ = write!(text, "{byte:02X}");
                text
            })
        }),
        _ => row.try_get_unchecked::<String, _>(index).ok(),
    }
}

#[cfg(test)]
mod tests {
    use super::changes_rows;

    #[test]
    fn only_what_changes_rows_is_counted() {
        for sql in [
            "-- why\ninsert into t values (1)",
            "WITH a AS (SELECT 1) UPDATE t SET x = 1",
            "REPLACE INTO t VALUES (1)",
            "WITH \"select\" AS (SELECT 1) DELETE FROM t",
        ] {
            assert!(changes_rows(sql), "{sql}");
        }
        for sql in [
            "CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM t; END",
            "WITH a AS (SELECT 1) SELECT replace(x, 'a', 'b') FROM a",
            "EXPLAIN DELETE FROM t",
            "PRAGMA user_version = 1",
            "VACUUM",
        ] {
            assert!(!changes_rows(sql), "{sql}");
        }
    }
}
