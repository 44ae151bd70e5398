//! Statements handed to the library in groups, and read ahead while it works.
//!
//! The library runs SQLite on a thread of its own. To be woken for every statement's answer would cost more than a short
//! statement does.

use std::task::{Context, Poll, Waker};
use std::time::{Duration, Instant};

use dbvc_engine::driver::{Heard, Limits, Outcome, StatementSource, Unit, begin_unit};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::sql::{Dialect, Statement, TokenKind, tokens, transaction_control};
use futures_util::{Stream, StreamExt};
use sqlx::{AssertSqlSafe, Either};

use crate::error::from_sqlx;
use crate::execute::refuse_to_open;
use crate::limit::Limiter;
use crate::session::SqliteSession;

/// Statements are handed to the library in groups of about this size. One call a statement costs two changes of
/// thread; a larger group costs too, because SQLite copies what is left of the text before each statement.
const GROUP_BYTES: usize = 16 * 1024;

/// Answers that the library may be ahead of us; about what a group has.
pub(crate) const ANSWERS_AHEAD: usize = 512;

/// How long to look away when there is no answer yet, and how often before waiting to be woken.
const NAP: Duration = Duration::from_micros(50);
const NAPS: u32 = 40;

/// In a group of fewer statements there is nothing to be gained by looking away.
const MANY: usize = 16;

/// Verbs whose statement may hold one of those that change rows: a trigger's body, an explained statement.
const OTHER_VERBS: [&str; 6] = ["SELECT", "VALUES", "CREATE", "DROP", "ALTER", "EXPLAIN"];

impl SqliteSession {
    /// Applies a unit, reading each group of its script while SQLite runs the one before.
    pub(crate) async fn apply_unit(
        &mut self,
        unit: &Unit<'_>,
        source: &mut dyn StatementSource,
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Outcome {
        let clock = Instant::now();
        if let Err(error) = begin_unit(self, unit, limits).await {
            return Outcome::default().stopped(None, error);
        }
        let mut outcome = match self.limit(limits, Operation::Execute).await {
            Ok(limiter) => self.run_script(source, limits, &limiter, heard).await,
            Err(error) => Outcome::default().stopped(None, error),
        };
        self.watch.set(None);
        outcome.duration = clock.elapsed();
        if outcome.failure.is_none()
            && let Err(error) = self.record_and_commit(unit, &outcome).await
        {
            outcome = outcome.stopped(None, error);
        }
        if outcome.failure.is_some() {
            // The first failure is the one to tell; what cannot be rolled back ends with the connection.
            let _ = self.roll_back_now().await;
        }
        outcome
    }

    async fn run_script(
        &mut self,
        source: &mut dyn StatementSource,
        limits: &Limits,
        limiter: &Limiter,
        heard: &mut dyn Heard,
    ) -> Outcome {
        let mut total = Outcome::default();
        let mut read = source.next_batch(GROUP_BYTES);
        loop {
            let batch = match read {
                Ok(Some(batch)) => batch,
                Ok(None) => return total,
                Err(error) => return total.stopped(None, error),
            };
            let mut next = None;
            let mut read_ahead = || {
                next.get_or_insert_with(|| source.next_batch(GROUP_BYTES));
            };
            let part = self
                .run_limited(&batch.statements, limits, limiter, &mut read_ahead)
                .await;
            if total.absorb(part) {
                return total;
            }
            heard.progress(total.statements);
            read = next.unwrap_or_else(|| source.next_batch(GROUP_BYTES));
        }
    }

    pub(crate) async fn run_groups(&mut self, statements: &[Statement], limits: &Limits) -> Outcome {
        let clock = Instant::now();
        let mut outcome = match self.limit(limits, Operation::Execute).await {
            Ok(limiter) => self.run_limited(statements, limits, &limiter, &mut || {}).await,
            Err(error) => Outcome::default().stopped(statements.first().cloned(), error),
        };
        self.watch.set(None);
        outcome.duration = clock.elapsed();
        outcome
    }

    async fn run_limited(
        &mut self,
        statements: &[Statement],
        limits: &Limits,
        limiter: &Limiter,
        meanwhile: &mut (dyn FnMut() + Send),
    ) -> Outcome {
        let mut outcome = Outcome::default();
        for group in groups(statements, self.in_transaction) {
            let mut done = 0;
            let rows = &mut outcome.rows;
            let result = self
                .run_group(group, limits, limiter, (&mut done, rows), meanwhile)
                .await;
            outcome.statements += u32::try_from(done).unwrap_or(u32::MAX);
            if let Err(error) = result {
                return outcome.stopped(group.get(done).cloned(), error);
            }
        }
        outcome
    }

    /// Runs a group of statements and counts which of them came to their end, and the rows they changed.
    async fn run_group(
        &mut self,
        group: &[Statement],
        limits: &Limits,
        limiter: &Limiter,
        (done, rows): (&mut usize, &mut u64),
        meanwhile: &mut (dyn FnMut() + Send),
    ) -> Result<()> {
        if limits.cancel.is_cancelled() {
            let message = "stopped between two statements";
            return Err(DriverError::new(
                ErrorKind::Cancelled,
                Operation::Execute,
                message,
            ));
        }
        limiter.next_statement();
        let result = if self.in_transaction {
            self.run_together(group, limiter, (&mut *done, rows), meanwhile)
                .await
        } else {
            group.iter().try_for_each(refuse_to_open)?;
            self.run_alone(group, limiter, (&mut *done, rows)).await
        };
        result.map_err(|error| self.explain_refused_commit(limiter.explain(error, limits)))?;
        self.check_open().inspect_err(|_| {
            let ends =
                |statement: &Statement| transaction_control(&statement.sql, &Dialect::SQLITE).is_some();
            *done = group.iter().position(ends).unwrap_or(*done);
        })
    }

    /// Outside a transaction each statement may have to wait for another writer.
    async fn run_alone(
        &mut self,
        group: &[Statement],
        limiter: &Limiter,
        (done, rows): (&mut usize, &mut u64),
    ) -> Result<()> {
        for statement in group {
            limiter.next_statement();
            let answer = self.patiently(&statement.sql, false, Operation::Execute).await?;
            *done += 1;
            *rows += counted(statement, answer.changed);
        }
        Ok(())
    }

    /// Inside one, a group is one call to the library.
    async fn run_together(
        &mut self,
        group: &[Statement],
        limiter: &Limiter,
        (done, rows): (&mut usize, &mut u64),
        meanwhile: &mut (dyn FnMut() + Send),
    ) -> Result<()> {
        let texts: Vec<&str> = group.iter().map(|statement| statement.sql.as_str()).collect();
        let query = sqlx::raw_sql(AssertSqlSafe(texts.join(";\n")));
        let mut stream = query.fetch_many(&mut self.connection);
        // The first look hands the text over.
        let mut first = look(&mut stream);
        meanwhile();
        loop {
            let item = match std::mem::replace(&mut first, Poll::Pending) {
                Poll::Ready(item) => item,
                Poll::Pending if group.len() < MANY => stream.next().await,
                Poll::Pending => next(&mut stream).await,
            };
            match item {
                Some(Ok(Either::Left(result))) => {
                    if let Some(statement) = group.get(*done) {
                        *rows += counted(statement, result.rows_affected());
                    }
                    *done += 1;
                    limiter.next_statement();
                }
                Some(Ok(Either::Right(_))) => {}
                None => return Ok(()),
                Some(Err(error)) => {
                    let text = texts.get(*done).copied();
                    return Err(from_sqlx(&error, Operation::Execute, text));
                }
            }
        }
    }
}

/// Whether there is an answer now; nobody is woken when there is one later.
fn look<S: Stream + Unpin>(stream: &mut S) -> Poll<Option<S::Item>> {
    stream.poll_next_unpin(&mut Context::from_waker(Waker::noop()))
}

/// The next answer. For a moment this thread only looks now and then; then it waits to be woken.
async fn next<S: Stream + Unpin>(stream: &mut S) -> Option<S::Item> {
    for _ in 0..NAPS {
        if let Poll::Ready(item) = look(stream) {
            return item;
        }
        std::thread::sleep(NAP);
    }
    stream.next().await
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
