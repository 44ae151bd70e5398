//! Running statements: in the open transaction many to a message, outside one to a message.

use std::time::Instant;

use async_trait::async_trait;
use dbvc_engine::driver::{
    CopyRows, Driver as _, Executor, Fence, Heard, Limits, LockKind, MESSAGE_BYTES, Notice, NoticeLevel,
    Outcome, Queued, Rows, Session as _, StatementSource, TransactionFit, Unit,
};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Position, Result};
use dbvc_engine::sql::Statement;

use crate::error;
use crate::lock::begin_fenced;
use crate::message::{Message, Part};
use crate::send::Answer;
use crate::session::{PostgresSession, milliseconds};

/// Stands between the pinned fence and the script. A script that ends the transaction takes it away, and its release
/// then fails.
const GUARD: &str = "SAVEPOINT dbvc_guard";
const RELEASE: &str = "RELEASE SAVEPOINT dbvc_guard";

impl PostgresSession {
    /// Appends what begins a guarded transaction.
    pub(crate) fn push_begin(&mut self, message: &mut Message, fence: &Fence) {
        message.push(Part::Own, "BEGIN");
        message.push(Part::Own, &begin_fenced(&self.record, fence));
        message.push(Part::Own, GUARD);
        self.transaction = Some(self.set_limits);
    }

    /// Appends what ends the guard. A role that the script took on may not write the record, so it is given back.
    pub(crate) fn push_release(message: &mut Message) {
        message.push(Part::Closing, RELEASE);
        message.push(Part::Own, "RESET ROLE");
    }

    /// Sends script statements and says what became of them.
    pub(crate) async fn send_script(
        &mut self,
        mut message: Message,
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> (Outcome, Answer) {
        if let Some(stopped) = self.refuse_when_stopped(limits) {
            return (stopped, Answer::default());
        }
        self.used = true;
        let answer = self.send(&mut message, Some(&limits.cancel), Some(heard)).await;
        let outcome = Outcome {
            statements: message.completed(answer.completed),
            rows: answer.rows,
            ..Outcome::default()
        };
        match self.explain(&mut message, &answer) {
            None => (outcome, answer),
            Some((statement, error)) => (outcome.stopped(statement, error), answer),
        }
    }

    fn may_apply(&self) -> Result<()> {
        if self.transaction.is_some() {
            return Err(nested());
        }
        self.check_access(Operation::Execute)
    }

    /// What becomes of something that nobody wants any more.
    #[allow(clippy::unused_self, reason = "it reads as a question to the session")]
    pub(crate) fn refuse_when_stopped(&self, limits: &Limits) -> Option<Outcome> {
        let stop = limits.stop(Operation::Execute)?;
        Some(Outcome::default().stopped(None, stop))
    }

    /// Which statement failed, and how.
    pub(crate) fn explain(
        &self,
        message: &mut Message,
        answer: &Answer,
    ) -> Option<(Option<Statement>, DriverError)> {
        let position = answer.error.as_ref().and_then(error::position);
        let place = message.locate(position, answer.completed);
        let part = place.as_ref().map(|place| place.part);
        let operation = match part {
            Some(Part::Record) => Operation::Record,
            Some(Part::Own | Part::Asked | Part::Elapsed | Part::Backend | Part::Closing) => {
                Operation::Transaction
            }
            Some(Part::Script(_)) | None => Operation::Execute,
        };
        let mut error = answer.failure(operation, &self.target)?;
        let Some(Part::Script(index)) = part else {
            return Some((None, error));
        };
        let statement = message.take_statement(index);
        let told = place.and_then(|place| place.at);
        let at = told.or_else(|| unknown_name(&error, statement.as_ref()?));
        error.position = at.map(|at| Position::Char(u32::try_from(at).unwrap_or(u32::MAX)));
        Some((statement, error))
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
            for limit in self.limit_statements(limits) {
                message.push(Part::Own, &limit);
            }
            while let Some(statement) = rest.peek()
                && (message.statements() == 0 || message.len() + statement.sql.len() <= MESSAGE_BYTES)
            {
                message.statement((*statement).clone());
                rest.next();
            }
            let (part, _) = self.send_script(message, limits, heard).await;
            if total.absorb(part) {
                break;
            }
        }
        total
    }

    /// Outside a transaction two statements of one message would be one transaction, so each is sent alone.
    async fn execute_alone(
        &mut self,
        statements: &[Statement],
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Outcome {
        let mut total = Outcome::default();
        if let Err(error) = self.prepare_alone(limits).await {
            return total.stopped(None, error);
        }
        for statement in statements {
            let mut message = Message::new();
            self.limit_pooled(statement, limits, &mut message, heard);
            message.statement(statement.clone());
            let (part, _) = self.send_script(message, limits, heard).await;
            if total.absorb(part) {
                break;
            }
        }
        total
    }

    /// Behind a pooler limits can only go along in the statement's own message, which is a transaction then; where the
    /// statement does not fit into one, it runs without.
    fn limit_pooled(
        &self,
        statement: &Statement,
        limits: &Limits,
        message: &mut Message,
        heard: &mut dyn Heard,
    ) {
        let wanted = [
            ("statement_timeout", limits.statement_timeout),
            ("lock_timeout", limits.lock_timeout),
        ];
        let wanted = wanted
            .into_iter()
            .filter_map(|(name, limit)| Some((name, limit?)));
        if self.capabilities().lock != LockKind::Lease {
            return;
        }
        let fits = crate::driver().transaction_fit(&statement.sql) == TransactionFit::Fits;
        for (name, limit) in wanted {
            if fits {
                message.push(Part::Own, &format!("SET LOCAL {name} = {}", milliseconds(limit)));
            } else {
                heard.notice(Notice {
                    level: NoticeLevel::Warning,
                    message: format!("behind a connection pooler no {name} can be set for this statement"),
                    code: None,
                });
            }
        }
    }

    /// Sets the limits, and finds out whom to cancel: nothing can be sent along with a statement that stands alone.
    pub(crate) async fn prepare_alone(&mut self, limits: &Limits) -> Result<()> {
        self.check_access(Operation::Execute)?;
        let mut message = self.message();
        for limit in self.limit_statements(limits) {
            message.push(Part::Own, &limit);
        }
        if message.is_empty() {
            return Ok(());
        }
        self.run(Operation::Execute, &mut message).await.map(|_| ())
    }
}

#[async_trait]
impl Executor for PostgresSession {
    async fn begin(&mut self, fence: &Fence) -> Result<()> {
        if self.transaction.is_some() {
            return Err(nested());
        }
        self.check_access(Operation::Transaction)?;
        let mut message = self.message();
        self.push_begin(&mut message, fence);
        let answer = self.send(&mut message, None, None).await;
        match answer.failure(Operation::Transaction, &self.target) {
            None => Ok(()),
            Some(error) => {
                self.rollback().await?;
                Err(error)
            }
        }
    }

    async fn commit(&mut self) -> Result<()> {
        let mut message = Message::new();
        Self::push_release(&mut message);
        message.push(Part::Closing, "COMMIT");
        let answer = self.send(&mut message, None, None).await;
        match answer.failure(Operation::Transaction, &self.target) {
            None => {
                self.transaction = None;
                Ok(())
            }
            Some(error) => Err(error),
        }
    }

    async fn rollback(&mut self) -> Result<()> {
        if self.transaction.take().is_none() || self.connection.is_none() {
            return Ok(());
        }
        let mut message = Message::new();
        message.push(Part::Own, "ROLLBACK");
        self.run(Operation::Transaction, &mut message).await.map(|_| ())
    }

    async fn execute(&mut self, statements: &[Statement], limits: &Limits, heard: &mut dyn Heard) -> Outcome {
        let clock = Instant::now();
        let mut outcome = if self.transaction.is_some() {
            self.execute_inside(statements, limits, heard).await
        } else {
            self.execute_alone(statements, limits, heard).await
        };
        outcome.duration = clock.elapsed();
        outcome
    }

    async fn copy_in(&mut self, statement: &Statement, rows: &mut dyn CopyRows, limits: &Limits) -> Outcome {
        if let Some(stop) = limits.stop(Operation::Execute) {
            return Outcome::default().stopped(Some(statement.clone()), stop);
        }
        let clock = Instant::now();
        let mut outcome = match self.prepare_alone(limits).await {
            Ok(()) => self.copy(statement, rows, limits).await,
            Err(error) => Outcome::default().stopped(None, error),
        };
        outcome.duration = clock.elapsed();
        outcome
    }

    /// The columns of an answer without rows stay unknown: the client library gives them only with a row.
    async fn query(&mut self, sql: &str, limits: &Limits) -> Result<Rows> {
        if let Some(stop) = limits.stop(Operation::Query) {
            return Err(stop);
        }
        let mut message = self.reading();
        if self.backend.is_none() {
            message.push(Part::Own, &crate::send::flush());
        }
        let inside = self.transaction.is_some();
        if inside {
            for limit in self.limit_statements(limits) {
                message.push(Part::Own, &limit);
            }
            // The transaction may write and the query may not; going back to the savepoint gives the right back.
            message.push(Part::Own, "SAVEPOINT dbvc_query");
            message.push(Part::Own, "SET LOCAL transaction_read_only = on");
        } else {
            // The message is a transaction of its own, so that these end with it.
            for (name, limit) in [
                ("statement_timeout", limits.statement_timeout),
                ("lock_timeout", limits.lock_timeout),
            ] {
                let value = limit.map(crate::session::milliseconds);
                if let Some(value) = value {
                    message.push(Part::Own, &format!("SET LOCAL {name} = {value}"));
                }
            }
        }
        message.push(Part::Asked, sql);
        let last = message.parts() - 1;
        if inside {
            message.push(Part::Own, "ROLLBACK TO SAVEPOINT dbvc_query");
            message.push(Part::Own, "RELEASE SAVEPOINT dbvc_query");
        }
        let answer = self.send(&mut message, Some(&limits.cancel), None).await;
        let place = answer.error.as_ref().and_then(error::position);
        let place = message.locate(place, answer.completed);
        match answer.failure(Operation::Query, &self.target) {
            None => Ok(answer.asked.into_iter().next().unwrap_or_default()),
            Some(mut error) => {
                if let Some(at) = place
                    .filter(|place| place.index == last)
                    .and_then(|place| place.at)
                {
                    error.position = Some(Position::Char(u32::try_from(at).unwrap_or(u32::MAX)));
                }
                Err(error)
            }
        }
    }

    async fn apply(
        &mut self,
        unit: &Unit<'_>,
        source: &mut dyn StatementSource,
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Outcome {
        match self.may_apply() {
            Ok(()) => self.apply_unit(unit, source, limits, heard).await,
            Err(error) => Outcome::default().stopped(None, error),
        }
    }

    async fn apply_in_turn(&mut self, queue: &mut [Queued<'_>], heard: &mut dyn Heard) -> Vec<Outcome> {
        match self.may_apply() {
            Ok(()) => self.apply_queue(queue, heard).await,
            Err(error) => vec![Outcome::default().stopped(None, error)],
        }
    }
}

fn nested() -> DriverError {
    DriverError::new(
        ErrorKind::Protocol,
        Operation::Transaction,
        "a transaction is open already",
    )
}

/// Where the unknown column, table, type or other object stands that the server names without a place.
fn unknown_name(error: &DriverError, statement: &Statement) -> Option<usize> {
    let unknown = matches!(error.code.as_deref(), Some("42703" | "42P01" | "42704"));
    // A name inside a routine's body is in another text than this statement.
    if !unknown || error.notes.iter().any(|note| note.starts_with("context:")) {
        return None;
    }
    let name = error.message.split('"').nth(1)?;
    crate::statement::only_place(&statement.sql, name)
}
