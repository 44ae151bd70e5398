//! Running statements: in the open transaction many to a message, outside one to a message.

use std::time::Instant;

use async_trait::async_trait;
use dbvc_engine::driver::{
    Executor, Fence, Heard, Limits, MESSAGE_BYTES, Outcome, Rows, StatementSource, TransactionFit, Unit,
};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::sql::{Dialect, Statement, leading_words};
use dbvc_engine::text::Origin;

use crate::error;
use crate::message::{Message, Part};
use crate::send::{Answer, Stop};
use crate::session::MySqlSession;
use crate::statement::{fit, is_closed};

/// A script that ends the transaction takes this away, and its release then fails.
const GUARD: &str = "SAVEPOINT dbvc_guard";
pub(crate) const RELEASE: &str = "RELEASE SAVEPOINT dbvc_guard";

impl MySqlSession {
    /// Appends what begins a guarded transaction.
    pub(crate) fn push_begin(&self, message: &mut Message, fence: &Fence) {
        message.push(Part::Own, "START TRANSACTION");
        message.push(Part::Own, "SET @dbvc_begun = UTC_TIMESTAMP(6)");
        self.push_fence(message, fence);
        message.push(Part::Own, GUARD);
    }

    /// Whether a statement can share a message with what comes behind it.
    pub(crate) fn can_be_followed(&self, statement: &Statement) -> bool {
        statement.sql.len() < self.largest() / 2 && is_closed(&statement.sql)
    }

    /// Appends a statement of the script; false when nothing can follow it.
    pub(crate) fn push_statement(&mut self, message: &mut Message, statement: &Statement) -> bool {
        let words = leading_words(&statement.sql, &Dialect::MYSQL, 1);
        self.changed |= matches!(
            words.first().map(String::as_str),
            Some("SET" | "USE" | "CALL" | "EXECUTE")
        );
        if self.can_be_followed(statement) {
            message.statement(statement);
            return true;
        }
        message.last_statement(statement);
        false
    }

    /// Sends statements of a script and says what became of them.
    pub(crate) async fn send_script(
        &mut self,
        message: &Message,
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> (Outcome, Answer) {
        if limits.cancel.is_cancelled() {
            return (
                Outcome::default().stopped(None, stopped_before()),
                Answer::default(),
            );
        }
        let answer = self.send(message, Some(limits), Some(heard)).await;
        let outcome = Outcome {
            statements: message.completed(answer.completed),
            rows: answer.rows,
            ..Outcome::default()
        };
        match self.failure(message, &answer, Operation::Execute) {
            None => (outcome, answer),
            Some((statement, error)) => (outcome.stopped(statement, error), answer),
        }
    }

    async fn execute_inside(
        &mut self,
        statements: &[Statement],
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Outcome {
        let mut total = Outcome::default();
        let mut rest = statements.iter().peekable();
        while rest.peek().is_some() {
            let mut message = Message::new();
            self.push_limits(&mut message, limits);
            while let Some(statement) = rest.peek()
                && (message.statements() == 0 || message.len() + statement.sql.len() <= MESSAGE_BYTES)
            {
                if let Err(error) = self.check_size(statement) {
                    return total.stopped(Some((*statement).clone()), error);
                }
                let statement = *statement;
                rest.next();
                if !self.push_statement(&mut message, statement) {
                    break;
                }
            }
            let (part, _) = self.send_script(&message, limits, heard).await;
            if total.absorb(part) {
                break;
            }
        }
        total
    }

    /// Outside a transaction each statement is sent alone, so that it is known how far the script came.
    pub(crate) async fn execute_alone(
        &mut self,
        statements: &[Statement],
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Outcome {
        let mut total = Outcome::default();
        for statement in statements {
            if let Err(error) = self.check_size(statement) {
                return total.stopped(Some(statement.clone()), error);
            }
            let mut message = Message::new();
            self.push_limits(&mut message, limits);
            self.push_statement(&mut message, statement);
            let (part, _) = self.send_script(&message, limits, heard).await;
            if total.absorb(part) {
                break;
            }
        }
        total
    }
}

#[async_trait]
impl Executor for MySqlSession {
    async fn begin(&mut self, fence: &Fence) -> Result<()> {
        if self.in_transaction {
            return Err(DriverError::new(
                ErrorKind::Protocol,
                Operation::Transaction,
                "a transaction is open already",
            ));
        }
        let mut message = Message::new();
        self.push_reset(&mut message);
        self.push_begin(&mut message, fence);
        self.run_transaction(Operation::Transaction, &message).await?;
        self.in_transaction = true;
        Ok(())
    }

    async fn commit(&mut self) -> Result<()> {
        let mut message = Message::new();
        message.push(Part::Closing, RELEASE);
        message.push(Part::Own, "COMMIT");
        message.push(Part::Own, "SET @dbvc_begun = NULL");
        self.run(Operation::Transaction, &message).await?;
        self.in_transaction = false;
        Ok(())
    }

    async fn rollback(&mut self) -> Result<()> {
        if !std::mem::take(&mut self.in_transaction) || self.conn.is_none() {
            return Ok(());
        }
        let mut message = Message::new();
        message.push(Part::Own, "ROLLBACK");
        message.push(Part::Own, "SET @dbvc_begun = NULL");
        self.run(Operation::Transaction, &message).await.map(drop)
    }

    async fn execute(&mut self, statements: &[Statement], limits: &Limits, heard: &mut dyn Heard) -> Outcome {
        let clock = Instant::now();
        let mut outcome = if self.in_transaction {
            self.execute_inside(statements, limits, heard).await
        } else {
            self.execute_alone(statements, limits, heard).await
        };
        outcome.duration = clock.elapsed();
        outcome
    }

    async fn query(&mut self, sql: &str, limits: &Limits) -> Result<Rows> {
        if limits.cancel.is_cancelled() {
            return Err(DriverError {
                operation: Operation::Query,
                ..stopped_before()
            });
        }
        let alone = !self.in_transaction;
        check_query(sql, alone)?;
        let mut message = Message::new();
        self.push_limits(&mut message, limits);
        if alone {
            message.push(Part::Own, "START TRANSACTION READ ONLY");
        }
        message.push(Part::Asked, sql);
        if alone {
            message.push(Part::Own, "ROLLBACK");
        }
        let answer = self.send(&message, Some(limits), None).await;
        if let Some((_, mut error)) = self.failure(&message, &answer, Operation::Query) {
            if alone {
                self.give_up().await;
            }
            error.position = error::position(&error, &Statement::new(sql, Origin::START));
            return Err(error);
        }
        // An interrupted `SLEEP` gives a row and no error.
        match answer.stop {
            Some(Stop::Asked) => Err(DriverError::new(
                ErrorKind::Cancelled,
                Operation::Query,
                "stopped",
            )),
            Some(Stop::TooLong) => Err(DriverError::new(
                ErrorKind::StatementTimeout,
                Operation::Query,
                "the query ran longer than it may",
            )),
            None => Ok(answer.asked.into_iter().next().unwrap_or_default()),
        }
    }

    async fn apply(
        &mut self,
        unit: &Unit<'_>,
        source: &mut dyn StatementSource,
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Outcome {
        self.apply_unit(unit, source, limits, heard).await
    }
}

/// Refuses what the server would not keep from writing.
fn check_query(sql: &str, alone: bool) -> Result<()> {
    let refused = |kind, words| Err(DriverError::new(kind, Operation::Query, words));
    // Two statements could leave the transaction that keeps the first from writing.
    if !is_closed(sql) {
        return refused(ErrorKind::Statement, "a query is one statement");
    }
    // The server refuses other writes in a transaction that only reads, but ends it for a change of the schema.
    let writes = if alone {
        fit(sql) != TransactionFit::Fits
    } else {
        !only_reads(sql)
    };
    if writes {
        return refused(ErrorKind::Denied, "a query may not write");
    }
    Ok(())
}

fn only_reads(sql: &str) -> bool {
    let words = leading_words(sql, &Dialect::MYSQL, 1);
    let first = words.first().map_or("", String::as_str);
    // Behind a WITH an UPDATE may follow.
    matches!(
        first,
        "SELECT" | "SHOW" | "EXPLAIN" | "DESCRIBE" | "DESC" | "TABLE" | "VALUES"
    )
}

/// Nothing was sent.
pub(crate) fn stopped_before() -> DriverError {
    DriverError::new(
        ErrorKind::Cancelled,
        Operation::Execute,
        "stopped between two statements",
    )
}
