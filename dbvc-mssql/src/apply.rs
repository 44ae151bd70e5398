//! A migration in its transaction, with as few round trips as its batches allow: one for each, and one for the row of the
//! history and the commit. The beginning goes along with the first batch where that need not be alone.

use std::time::Instant;

use dbvc_engine::driver::{Heard, Limits, MESSAGE_BYTES, Outcome, StatementSource, Unit};
use dbvc_engine::error::{DriverError, Operation, Result};
use dbvc_engine::sql::{Dialect, Statement, leading_words};

use crate::message::{self, batch};
use crate::record::unit_name;
use crate::session::MsSqlSession;

/// Words that begin a batch that can stand behind other statements, with what may follow; none is anything. All else is
/// sent alone: a module must be, and a procedure's name without `EXEC` is only understood at the beginning.
const FOLLOWS: [(&str, &[&str]); 18] = [
    (
        "CREATE",
        &[
            "TABLE",
            "INDEX",
            "UNIQUE",
            "CLUSTERED",
            "NONCLUSTERED",
            "TYPE",
            "SEQUENCE",
            "SYNONYM",
        ],
    ),
    ("ALTER", &["TABLE", "INDEX", "SEQUENCE"]),
    ("DROP", &[]),
    ("INSERT", &[]),
    ("UPDATE", &[]),
    ("DELETE", &[]),
    ("MERGE", &[]),
    ("SELECT", &[]),
    ("WITH", &[]),
    ("DECLARE", &[]),
    ("EXEC", &[]),
    ("EXECUTE", &[]),
    ("IF", &[]),
    ("PRINT", &[]),
    ("TRUNCATE", &[]),
    ("GRANT", &[]),
    ("REVOKE", &[]),
    ("DENY", &[]),
];

/// Whether a batch means the same behind other statements.
fn can_follow(sql: &str) -> bool {
    let words = leading_words(sql, &Dialect::MSSQL, 2);
    let (first, second) = (words.first(), words.get(1));
    FOLLOWS.iter().any(|(word, then)| {
        first.is_some_and(|first| first == word)
            && (then.is_empty() || second.is_some_and(|second| then.contains(&second.as_str())))
    })
}

impl MsSqlSession {
    pub(crate) async fn apply_unit(
        &mut self,
        unit: &Unit<'_>,
        source: &mut dyn StatementSource,
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Outcome {
        let clock = Instant::now();
        let mut outcome = self.all_batches(unit, source, limits, heard).await;
        outcome.duration = clock.elapsed();
        if outcome.failure.is_none()
            && let Err(error) = self.close_unit(unit, &outcome).await
        {
            outcome = outcome.stopped(None, error);
        }
        if outcome.failure.is_some() {
            self.give_up().await;
        }
        self.in_transaction = false;
        outcome
    }

    async fn all_batches(
        &mut self,
        unit: &Unit<'_>,
        source: &mut dyn StatementSource,
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Outcome {
        let mut total = Outcome::default();
        if let Some(stop) = limits.stop(Operation::Execute) {
            return total.stopped(None, stop);
        }
        let mut front = match self.front(unit, limits).await {
            Ok(front) => Some(front),
            Err(error) => return total.stopped(None, error),
        };
        self.in_transaction = true;
        loop {
            let statements = match source.next_batch(MESSAGE_BYTES) {
                Ok(Some(batch)) => batch.statements,
                Ok(None) => break,
                Err(error) => return total.stopped(None, error),
            };
            for statement in &statements {
                let part = self.send_one(statement, &mut front, limits, heard).await;
                if total.absorb(part) {
                    return total;
                }
            }
            heard.progress(total.statements);
        }
        // A script without a statement.
        if let Some(front) = front
            && let Err(error) = self.run(Operation::Transaction, &front).await
        {
            return total.stopped(None, error);
        }
        total
    }

    async fn front(&mut self, unit: &Unit<'_>, limits: &Limits) -> Result<String, DriverError> {
        let mut front = self.begin_sql(unit.fence).await?;
        if let Some(limit) = self.limit(limits) {
            front = format!("{limit}; {front}");
        }
        Ok(front)
    }

    /// Sends a batch, and the beginning with it or before it where that has not been sent.
    async fn send_one(
        &mut self,
        statement: &Statement,
        front: &mut Option<String>,
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Outcome {
        let front = front.take();
        let joined = front.as_deref().filter(|_| can_follow(&statement.sql));
        if let (Some(front), None) = (&front, joined)
            && let Err(error) = self.run(Operation::Transaction, front).await
        {
            return Outcome::default().stopped(None, error);
        }
        self.execute_one(statement, joined, limits, heard).await
    }

    /// The row of the history and the commit, if the transaction is still the one that was begun.
    async fn close_unit(&mut self, unit: &Unit<'_>, outcome: &Outcome) -> Result<()> {
        let end = unit.completed(outcome.statements, Some(outcome.duration));
        let mut parts = vec![
            self.unhindered(),
            message::check_still_ours(&unit_name(self.record.location())),
        ];
        parts.extend(self.record.record(unit.fence, unit.execution, &end));
        parts.push("COMMIT".into());
        self.run(Operation::Record, &batch(&parts)).await.map(drop)
    }
}

#[cfg(test)]
mod tests {
    use super::can_follow;

    #[test]
    fn the_beginning_goes_along_only_where_the_batch_means_the_same_behind_it() {
        for fine in [
            "CREATE TABLE t (id int)",
            "-- first\ncreate unique index i on t (id)",
            "WITH a AS (SELECT 1 AS x) DELETE FROM t",
            "INSERT t VALUES (1)",
        ] {
            assert!(can_follow(fine), "{fine}");
        }
        for alone in [
            "CREATE PROCEDURE p AS SELECT 1",
            "CREATE OR ALTER VIEW v AS SELECT 1 AS a",
            "CREATE SCHEMA s",
            "ALTER FUNCTION f() RETURNS int AS BEGIN RETURN 1 END",
            "sp_rename 'a', 'b'",
            "[dbo].[p] 1",
            "SET QUOTED_IDENTIFIER OFF",
            "",
        ] {
            assert!(!can_follow(alone), "{alone}");
        }
    }
}
