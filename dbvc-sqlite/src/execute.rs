//! Running statements, transactions, stopping.

use std::time::{Duration, Instant};

use async_trait::async_trait;
use dbvc_engine::driver::{
    Executor, Fence, Heard, Limits, Outcome, Rows, StatementSource, Unit, apply_in_steps,
};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::sql::Statement;
use futures_util::TryStreamExt;
use sqlx::{AssertSqlSafe, Column, Either, Row, TypeInfo, ValueRef};

use crate::error::from_sqlx;
use crate::limit::Limiter;
use crate::session::SqliteSession;
use crate::statement::writes_rows;

/// SQLite looks at the clock and the token every so many of its virtual machine's steps.
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

    /// Begins a transaction that may write. A deferred one could find out too late that somebody else writes
    /// (`sqlite.org/lang_transaction.html`, "Deferred, Immediate, and Exclusive").
    pub(crate) async fn begin_immediate(&mut self) -> Result<()> {
        self.write("BEGIN IMMEDIATE", Operation::Transaction).await?;
        self.in_transaction = true;
        Ok(())
    }

    pub(crate) async fn commit_now(&mut self) -> Result<()> {
        self.write("COMMIT", Operation::Transaction).await?;
        self.in_transaction = false;
        Ok(())
    }

    pub(crate) async fn roll_back_now(&mut self) -> Result<()> {
        if !self.in_transaction {
            return Ok(());
        }
        self.in_transaction = false;
        match self.write("ROLLBACK", Operation::Transaction).await {
            // Some errors roll back by themselves (`sqlite.org/lang_transaction.html`, "Response To Errors").
            Err(error) if error.message.contains("no transaction is active") => Ok(()),
            other => other.map(drop),
        }
    }

    /// Sets the limits for what runs next.
    async fn limit(&mut self, limits: &Limits) -> Result<Limiter> {
        let limiter = Limiter::new(limits);
        let handle = self.connection.lock_handle().await;
        let mut handle = handle.map_err(|error| from_sqlx(&error, Operation::Execute, None))?;
        let watch = limiter.clone();
        handle.set_progress_handler(STEPS_BETWEEN_LOOKS, move || watch.may_go_on());
        Ok(limiter)
    }

    async fn unlimit(&mut self) {
        if let Ok(mut handle) = self.connection.lock_handle().await {
            handle.remove_progress_handler();
        }
    }

    /// Waits for other writers as long as asked.
    async fn wait_for_writers(&mut self, longest: Option<Duration>) -> Result<()> {
        let longest = longest.unwrap_or(self.settings.busy_timeout);
        self.write(
            &format!("PRAGMA busy_timeout = {}", longest.as_millis()),
            Operation::Execute,
        )
        .await
        .map(drop)
    }

    /// Runs a group of statements in one call to the library, and counts which of them came to their end.
    async fn run_group(&mut self, group: &[Statement], limits: &Limits, outcome: &mut Outcome) -> Result<()> {
        if limits.cancel.is_cancelled() {
            return Err(DriverError::new(
                ErrorKind::Cancelled,
                Operation::Execute,
                "stopped before it began",
            ));
        }
        let limiter = self.limit(limits).await?;
        let sql = group
            .iter()
            .map(|statement| statement.sql.as_str())
            .collect::<Vec<_>>()
            .join(";\n");
        let mut done = 0;
        let result = self.run_counted(sql, group, &limiter, &mut done, outcome).await;
        self.unlimit().await;
        result.map_err(|error| {
            let statement = group.get(done).map(|statement| statement.sql.as_str());
            limiter.explain(from_sqlx(&error, Operation::Execute, statement), limits)
        })
    }

    async fn run_counted(
        &mut self,
        sql: String,
        group: &[Statement],
        limiter: &Limiter,
        done: &mut usize,
        outcome: &mut Outcome,
    ) -> Result<(), sqlx::Error> {
        let query = sqlx::raw_sql(AssertSqlSafe(sql));
        let mut stream = query.fetch_many(&mut self.connection);
        while let Some(item) = stream.try_next().await? {
            if let Either::Left(result) = item {
                if group
                    .get(*done)
                    .is_some_and(|statement| writes_rows(&statement.sql))
                {
                    outcome.rows += result.rows_affected();
                }
                *done += 1;
                outcome.statements += 1;
                limiter.next_statement();
            }
        }
        Ok(())
    }
}

#[async_trait]
impl Executor for SqliteSession {
    async fn begin(&mut self, fence: &Fence) -> Result<()> {
        self.make_file().await?;
        self.begin_immediate().await?;
        if let Err(error) = self.check_fence(fence).await {
            self.roll_back_now().await?;
            return Err(error);
        }
        Ok(())
    }

    async fn commit(&mut self) -> Result<()> {
        self.commit_now().await.map_err(|error| {
            if error.message.contains("no transaction is active") {
                let message = "the script ended the transaction that dbvc had begun for it";
                return DriverError {
                    kind: ErrorKind::Protocol,
                    message: message.into(),
                    ..error
                };
            }
            error
        })
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
        let clock = Instant::now();
        let mut outcome = Outcome::default();
        if !self.in_transaction {
            let ready = match self.make_file().await {
                Ok(()) => self.wait_for_writers(limits.lock_timeout).await,
                Err(error) => Err(error),
            };
            if let Err(error) = ready {
                return outcome.stopped(None, error);
            }
        }
        for group in groups(statements, self.in_transaction) {
            let before = outcome.statements as usize;
            if let Err(error) = self.run_group(group, limits, &mut outcome).await {
                outcome.duration = clock.elapsed();
                let failed = group.get(outcome.statements as usize - before).cloned();
                return outcome.stopped(failed, error);
            }
        }
        outcome.duration = clock.elapsed();
        outcome
    }

    async fn query(&mut self, sql: &str, limits: &Limits) -> Result<Rows> {
        self.write("PRAGMA query_only = ON", Operation::Query).await?;
        let limiter = self.limit(limits).await?;
        let rows = self.read(sql, Operation::Query).await;
        self.unlimit().await;
        self.write("PRAGMA query_only = OFF", Operation::Query).await?;
        rows.map_err(|error| limiter.explain(error, limits))
    }

    async fn apply(
        &mut self,
        unit: &Unit<'_>,
        source: &mut dyn StatementSource,
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Outcome {
        if let Err(error) = self.wait_for_writers(limits.lock_timeout).await {
            return Outcome::default().stopped(None, error);
        }
        apply_in_steps(self, unit, source, limits, heard).await
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
