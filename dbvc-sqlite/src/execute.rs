//! Running statements.
//!
//! Foreign keys are enforced unless the URL says `foreign_keys=off`. dbvc does not run `PRAGMA foreign_key_check` before
//! it commits: enforced keys are checked by the commit itself, and where they are off that is what was asked for (a
//! check of every table would also refuse a migration for rows that were there before it).

use async_trait::async_trait;
use dbvc_engine::driver::{Executor, Fence, Heard, Limits, Outcome, Rows, StatementSource, Unit};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::sql::{Dialect, Statement, leading_words};
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Column, Either, Row, TypeInfo, ValueRef};

use crate::error::from_sqlx;
use crate::limit::Limiter;
use crate::session::SqliteSession;
use crate::transaction::BUSY;

/// `SQLITE_CONSTRAINT_FOREIGNKEY`.
const FOREIGN_KEY: &str = "787";
const ORPHANS_SHOWN: u32 = 5;

/// What a statement gave.
#[derive(Default)]
pub(crate) struct Answer {
    pub(crate) rows: Rows,
    pub(crate) changed: u64,
}

impl SqliteSession {
    /// Runs one statement; keeps the rows when asked to.
    pub(crate) async fn run(&mut self, sql: &str, keep: bool, operation: Operation) -> Result<Answer> {
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
        if !self.in_transaction {
            self.wait_for_others(self.patience.longest).await?;
        }
        self.run(sql, true, operation).await.map(|answer| answer.rows)
    }

    pub(crate) async fn write(&mut self, sql: &str, operation: Operation) -> Result<u64> {
        self.run(sql, false, operation).await.map(|answer| answer.changed)
    }

    /// Sets the limits for what runs next.
    pub(crate) async fn limit(&mut self, limits: &Limits, operation: Operation) -> Result<Limiter> {
        if let Some(stop) = limits.stop(operation) {
            return Err(stop);
        }
        self.hook().await?;
        let limiter = Limiter::new(limits);
        self.watch.set(Some(limiter.clone()));
        Ok(limiter)
    }

    /// Several statements in one call to the library.
    pub(crate) async fn read_each(
        &mut self,
        statements: &[String],
        operation: Operation,
    ) -> Result<Vec<Rows>> {
        if !self.in_transaction {
            self.wait_for_others(self.patience.longest).await?;
        }
        let (answers, failure) = self.call(statements, operation).await;
        failure.map_or(Ok(answers), Err)
    }

    /// The same, with the answers of those that came before the one that failed.
    pub(crate) async fn call(
        &mut self,
        statements: &[String],
        operation: Operation,
    ) -> (Vec<Rows>, Option<DriverError>) {
        let text = statements.join(";\n");
        let query = sqlx::raw_sql(AssertSqlSafe(text));
        let mut stream = query.fetch_many(&mut self.connection);
        let (mut answers, mut rows) = (Vec::with_capacity(statements.len()), Rows::default());
        while let Some(item) = stream.try_next().await.transpose() {
            match item {
                Ok(Either::Left(_)) => answers.push(std::mem::take(&mut rows)),
                Ok(Either::Right(row)) => {
                    rows.cells
                        .push((0..row.columns().len()).map(|index| cell(&row, index)).collect());
                }
                Err(error) => {
                    let text = statements.get(answers.len()).map(String::as_str);
                    let error = from_sqlx(&error, operation, text);
                    return (answers, Some(error));
                }
            }
        }
        (answers, None)
    }

    /// Writes a unit's entry; then seals its events in the audit trail and commits, in one call to the library.
    pub(crate) async fn record_and_commit(&mut self, unit: &Unit<'_>, outcome: &Outcome) -> Result<()> {
        self.check_open()?;
        let end = unit.completed(outcome.statements, Some(outcome.duration));
        let mut entered = self.record.record(unit.fence, unit.execution, &end);
        entered.push(self.record.unsealed());
        let answers = self.read_each(&entered, Operation::Record).await?;
        let mut statements = self
            .record
            .seal(&entered, answers.last().unwrap_or(&Rows::default()))?;
        let entry = statements.len();
        statements.push("COMMIT".to_owned());
        let (answers, failure) = self.commit_with(&statements).await;
        match failure {
            None => Ok(()),
            Some(error) if answers < entry => Err(error),
            // Somebody reads the file, and only the commit must be tried again.
            Some(error) if error.code.as_deref() == Some(BUSY) => self.commit().await,
            Some(error) => Err(self.name_orphans(error).await),
        }
    }

    /// Names the rows that a deferred foreign key refuses, while the transaction that holds them is still there.
    async fn name_orphans(&mut self, mut error: DriverError) -> DriverError {
        if error.code.as_deref() != Some(FOREIGN_KEY) {
            return error;
        }
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

/// Outside a transaction every statement commits by itself and is recorded after that. A script that opened one of its
/// own would take the record's entries into it.
pub(crate) fn refuse_to_open(statement: &Statement) -> Result<()> {
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
        self.begin_fenced(fence).await
    }

    async fn commit(&mut self) -> Result<()> {
        match self.commit_now().await {
            Err(error) => Err(self.name_orphans(error).await),
            Ok(()) => Ok(()),
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
        self.watch.set(None);
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
        let outcome = self.apply_unit(unit, source, limits, heard).await;
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
