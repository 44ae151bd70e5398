//! Running batches, transactions, cancelling.

use std::time::Instant;

use async_trait::async_trait;
use dbvc_engine::driver::{Executor, Fence, Heard, Limits, Outcome, Rows, StatementSource, Unit};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::sql::{Dialect, Statement, TokenKind, leading_words, tokens};

use crate::message::{self, batch};
use crate::notices::PROBE;
use crate::record::unit_name;
use crate::send::Keep;
use crate::session::MsSqlSession;

impl MsSqlSession {
    /// What begins a guarded transaction, in one line: a batch behind it keeps its line numbers.
    pub(crate) async fn begin_sql(&mut self, fence: &Fence) -> Result<String> {
        let mut parts = Vec::new();
        match self.reset().await? {
            Some(reset) => parts.extend([reset, format!("PRINT {}", message::literal(PROBE))]),
            None => parts.push(message::check_none_open()),
        }
        let unit = unit_name(self.record.location());
        parts.push("SET NOCOUNT ON".into());
        parts.push("BEGIN TRANSACTION".into());
        // In this order, so that no take-over fits between them.
        parts.push(message::get_lock(&unit, "Shared", "Transaction"));
        parts.push(message::check_had(&unit));
        parts.push(self.check_fence(fence));
        parts.push("SET NOCOUNT OFF".into());
        Ok(parts.join("; "))
    }

    /// Sends batches of a script one after another: the server takes no more than one at a time, and a procedure must be
    /// alone in its own.
    pub(crate) async fn execute_batches(
        &mut self,
        statements: &[Statement],
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Outcome {
        let mut total = Outcome::default();
        for statement in statements {
            if let Some(limit) = self.limit(limits)
                && let Err(error) = self.run(Operation::Execute, &limit).await
            {
                return total.stopped(None, error);
            }
            let part = self.execute_one(statement, None, limits, heard).await;
            if total.absorb(part) {
                break;
            }
        }
        total
    }

    /// Sends one batch of a script, exactly as it is, behind `front` where that is given: one line of our own.
    pub(crate) async fn execute_one(
        &mut self,
        statement: &Statement,
        front: Option<&str>,
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Outcome {
        if let Some(stop) = limits.stop(Operation::Execute) {
            return Outcome::default().stopped(None, stop);
        }
        self.ran(statement);
        let joined = front.map(|front| format!("{front}; {}", statement.sql));
        let sql = joined.as_deref().unwrap_or(&statement.sql);
        let answer = self.send(sql, Keep::Nothing, Some(limits), Some(heard)).await;
        let outcome = Outcome {
            statements: u32::from(answer.error.is_none() && answer.stop.is_none()),
            rows: answer.rows,
            ..Outcome::default()
        };
        match self.failure(&answer, Operation::Execute, Some(statement)) {
            None => outcome,
            Some(error) => {
                let ours = matches!(error.operation, Operation::Lock | Operation::Transaction);
                outcome.stopped((!ours).then(|| statement.clone()), error)
            }
        }
    }
}

#[async_trait]
impl Executor for MsSqlSession {
    async fn begin(&mut self, fence: &Fence) -> Result<()> {
        self.check_access(Operation::Transaction)?;
        if self.in_transaction {
            return Err(DriverError::new(
                ErrorKind::Protocol,
                Operation::Transaction,
                "a transaction is open already",
            ));
        }
        let sql = self.begin_sql(fence).await?;
        self.run_transaction(Operation::Transaction, &sql).await?;
        self.in_transaction = true;
        Ok(())
    }

    async fn commit(&mut self) -> Result<()> {
        let sql = batch(&[
            self.unhindered(),
            message::check_still_ours(&unit_name(self.record.location())),
            "COMMIT".into(),
        ]);
        self.run(Operation::Transaction, &sql).await?;
        self.in_transaction = false;
        Ok(())
    }

    async fn rollback(&mut self) -> Result<()> {
        if !std::mem::take(&mut self.in_transaction) || self.client.is_none() {
            return Ok(());
        }
        let sql = batch(&[message::unhindered(""), message::ROLLBACK.into()]);
        self.run(Operation::Transaction, &sql).await.map(drop)
    }

    async fn execute(&mut self, statements: &[Statement], limits: &Limits, heard: &mut dyn Heard) -> Outcome {
        let clock = Instant::now();
        let mut outcome = match self.check_access(Operation::Execute) {
            Ok(()) => self.execute_batches(statements, limits, heard).await,
            Err(error) => Outcome::default().stopped(None, error),
        };
        outcome.duration = clock.elapsed();
        outcome
    }

    /// The server has no way to only read. So nothing but a query is sent, and outside a transaction it is in one that is
    /// rolled back.
    async fn query(&mut self, sql: &str, limits: &Limits) -> Result<Rows> {
        if let Some(stop) = limits.stop(Operation::Query) {
            return Err(stop);
        }
        check_query(sql)?;
        let limit = self.limit(limits);
        let alone = !self.in_transaction;
        let front: Vec<String> = limit
            .into_iter()
            .chain(alone.then(|| "BEGIN TRANSACTION".into()))
            .collect();
        let sent = if front.is_empty() {
            sql.to_owned()
        } else {
            format!("{}; {sql}", front.join("; "))
        };
        let answer = self.send(&sent, Keep::Rows, Some(limits), None).await;
        let statement = Statement::new(sql, dbvc_engine::text::Origin::START);
        let failed = self.failure(&answer, Operation::Query, Some(&statement));
        if alone {
            self.give_up().await;
        }
        match failed {
            None => Ok(answer.asked.into_iter().next().unwrap_or_default()),
            Some(error) => Err(error),
        }
    }

    async fn apply(
        &mut self,
        unit: &Unit<'_>,
        source: &mut dyn StatementSource,
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Outcome {
        match self.check_access(Operation::Transaction) {
            Ok(()) => self.apply_unit(unit, source, limits, heard).await,
            Err(error) => Outcome::default().stopped(None, error),
        }
    }
}

/// What a query may not say outside quotes and comments: functions cannot write in T-SQL, and nothing else in a `SELECT`
/// can without one of these.
const WRITING: [&str; 26] = [
    "INSERT",
    "UPDATE",
    "DELETE",
    "MERGE",
    "INTO",
    "CREATE",
    "ALTER",
    "DROP",
    "TRUNCATE",
    "EXEC",
    "EXECUTE",
    "GRANT",
    "REVOKE",
    "DENY",
    "BACKUP",
    "RESTORE",
    "KILL",
    "SHUTDOWN",
    "RECONFIGURE",
    "DBCC",
    "COMMIT",
    "ROLLBACK",
    "BULK",
    "OPENROWSET",
    "OPENQUERY",
    "WRITETEXT",
];

/// Refuses what does more than read.
fn check_query(sql: &str) -> Result<()> {
    let refused = |kind, words: String| Err(DriverError::new(kind, Operation::Query, words));
    let said = tokens(sql, &Dialect::MSSQL)
        .filter(|token| token.kind == TokenKind::Word)
        .map(|token| token.text.to_ascii_uppercase())
        .find(|word| WRITING.contains(&word.as_str()));
    if let Some(word) = said {
        return refused(
            ErrorKind::Denied,
            format!("a query may not write, and this one says {word}"),
        );
    }
    // A procedure's name alone would run it.
    let first = leading_words(sql, &Dialect::MSSQL, 1);
    match first.first().map(String::as_str) {
        Some("SELECT" | "WITH") => Ok(()),
        _ => refused(
            ErrorKind::Statement,
            "a query begins with SELECT or WITH".to_owned(),
        ),
    }
}

#[cfg(test)]
mod tests {
    use super::check_query;

    #[test]
    fn a_query_reads_and_does_nothing_else() {
        for fine in [
            "SELECT 1",
            "/* DROP */ WITH a AS (SELECT 'INSERT' AS [delete]) SELECT * FROM a -- EXEC",
            "(SELECT updated FROM t)",
        ] {
            assert!(check_query(fine).is_ok(), "{fine}");
        }
        for bad in [
            "DELETE FROM t",
            "WITH a AS (SELECT 1 AS x) DELETE FROM t",
            "SELECT 1; exec p",
            "SELECT * INTO u FROM t",
            "sp_help",
            "SELECT 1 COMMIT INSERT INTO t VALUES (1)",
        ] {
            assert!(check_query(bad).is_err(), "{bad}");
        }
    }
}
