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
use dbvc_engine::sql::{Dialect, Statement, TokenKind, leading_words, tokens};
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Column, Either, Row, TypeInfo, ValueRef};

use crate::error::from_sqlx;
use crate::session::SqliteSession;

/// `SQLITE_CONSTRAINT_FOREIGNKEY`.
const FOREIGN_KEY: &str = "787";
const ORPHANS_SHOWN: u32 = 5;
/// Verbs whose statement may hold one of those that change rows: a trigger's body, an explained statement.
const OTHER_VERBS: [&str; 6] = ["SELECT", "VALUES", "CREATE", "DROP", "ALTER", "EXPLAIN"];

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

    async fn limited(&mut self, statement: &Statement, limits: &Limits) -> Result<u64> {
        let sql = &statement.sql;
        if !self.in_transaction {
            refuse_to_open(sql)?;
        }
        let stopped = self.limit(limits, Operation::Execute).await?;
        let result = if self.in_transaction {
            self.write(sql, Operation::Execute).await
        } else {
            self.patiently(sql, Operation::Execute).await
        };
        self.unlimit().await;
        let changed = result.map_err(|error| {
            let error = stopped.explain(error, limits);
            self.explain_refused_commit(error)
        })?;
        self.check_open()?;
        Ok(if changes_rows(sql) { changed } else { 0 })
    }

    async fn each(&mut self, statements: &[Statement], limits: &Limits) -> Outcome {
        let clock = Instant::now();
        let mut outcome = Outcome::default();
        for statement in statements {
            match self.limited(statement, limits).await {
                Ok(changed) => {
                    outcome.statements += 1;
                    outcome.rows += changed;
                }
                Err(error) => {
                    outcome.duration = clock.elapsed();
                    return outcome.stopped(Some(statement.clone()), error);
                }
            }
        }
        outcome.duration = clock.elapsed();
        outcome
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
fn refuse_to_open(sql: &str) -> Result<()> {
    let words = leading_words(sql, &Dialect::SQLITE, 1);
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
        let outcome = self.each(statements, limits).await;
        self.patience = before;
        outcome
    }

    async fn query(&mut self, sql: &str, limits: &Limits) -> Result<Rows> {
        self.catch_up().await?;
        let stopped = self.limit(limits, Operation::Query).await?;
        let rows = match self.write("PRAGMA query_only = ON", Operation::Query).await {
            Ok(_) => self.read(sql, Operation::Query).await,
            Err(error) => Err(error),
        };
        self.unlimit().await;
        let rows = rows.map_err(|error| stopped.explain(error, limits));
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
