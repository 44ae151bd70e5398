//! A transactional migration in as few messages as it fits in: commonly one.

use std::time::{Duration, Instant};

use dbvc_engine::driver::{
    End, EntryStatus, Executor, Heard, Limits, MESSAGE_BYTES, Outcome, StatementSource, Unit,
};
use dbvc_engine::sql::{Batch, ScriptError};

use crate::message::{Message, Part};
use crate::send::{Answer, flush};
use crate::session::PostgresSession;

/// How long the transaction took so far, in microseconds, by the server's clock.
const ELAPSED: &str =
    "SELECT floor(extract(epoch FROM clock_timestamp() - transaction_timestamp()) * 1000000)::bigint";

impl PostgresSession {
    pub(crate) async fn apply_unit(
        &mut self,
        unit: &Unit<'_>,
        source: &mut dyn StatementSource,
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Outcome {
        let clock = Instant::now();
        let mut outcome = Outcome::default();
        let mut begun = Begun::Nothing;
        let server_time = self.all_messages(unit, source, limits, heard, &mut outcome, &mut begun).await;
        outcome.duration = server_time.unwrap_or_else(|| clock.elapsed());
        if outcome.failure.is_some() && begun == Begun::Transaction {
            // The first failure is what is reported; a session that cannot roll back is lost.
            let _ = self.rollback().await;
        }
        self.transaction = None;
        outcome
    }

    /// Sends everything; `outcome` says how far it came. The server's time comes with the last message.
    async fn all_messages(
        &mut self,
        unit: &Unit<'_>,
        source: &mut dyn StatementSource,
        limits: &Limits,
        heard: &mut dyn Heard,
        outcome: &mut Outcome,
        begun: &mut Begun,
    ) -> Option<Duration> {
        let mut message = self.opening(unit, limits);
        loop {
            let batch = match next(source) {
                Ok(batch) => batch,
                Err(error) => {
                    *outcome = std::mem::take(outcome).stopped(None, error);
                    return None;
                }
            };
            let room = MESSAGE_BYTES.saturating_sub(message.len());
            let size: usize = batch.statements.iter().map(|statement| statement.sql.len()).sum();
            if message.statements() > 0 && size > room && self.step(&mut message, limits, heard, outcome, begun).await.is_none() {
                return None;
            }
            for statement in batch.statements {
                message.statement(statement);
            }
            if batch.last {
                let total = outcome.statements + message.statements();
                self.closing(unit, total, &mut message);
                let answer = self.step(&mut message, limits, heard, outcome, begun).await?;
                return server_time(&answer);
            }
            if message.len() >= MESSAGE_BYTES || batch.copy.is_some() {
                self.step(&mut message, limits, heard, outcome, begun).await?;
            }
            if let Some(copy) = &batch.copy {
                let mut rows = source_rows(source);
                let part = self.copy(copy, &mut rows, limits).await;
                if outcome.absorb(part) {
                    return None;
                }
            }
        }
    }

    /// Sends what has gathered; none when it failed.
    async fn step(
        &mut self,
        message: &mut Message,
        limits: &Limits,
        heard: &mut dyn Heard,
        outcome: &mut Outcome,
        begun: &mut Begun,
    ) -> Option<Answer> {
        let message = std::mem::take(message);
        if message.is_empty() {
            return Some(Answer::default());
        }
        let (part, answer) = self.send_script(message, limits, heard).await;
        // A message that does not parse is refused as a whole, its BEGIN included.
        if answer.completed > 0 {
            *begun = Begun::Transaction;
        }
        let failed = outcome.absorb(part);
        heard.progress(outcome.statements);
        (!failed).then_some(answer)
    }

    /// What comes before the script. Settings that an earlier script left in the session (`pg_dump` empties
    /// `search_path`) are undone first, so that a migration does the same whatever ran before it.
    fn opening(&mut self, unit: &Unit<'_>, limits: &Limits) -> Message {
        let mut message = Message::new();
        message.push(Part::Own, "RESET ALL");
        self.set_limits = (None, None);
        let backend_unknown = self.backend.is_none();
        if backend_unknown {
            message.push(Part::Backend, crate::send::WHO_SERVES);
        }
        self.push_begin(&mut message, unit.fence);
        for limit in self.limit_statements(limits) {
            message.push(Part::Own, &limit);
        }
        if backend_unknown {
            message.push(Part::Own, &flush());
        }
        message
    }

    /// What comes after the script.
    fn closing(&self, unit: &Unit<'_>, statements: u32, message: &mut Message) {
        Self::push_release(message);
        let end = End {
            status: EntryStatus::Completed,
            statements_done: statements,
            duration: None,
            ..unit.end.clone()
        };
        for sql in self.record.record(unit.fence, unit.execution, &end) {
            message.push(Part::Record, &sql);
        }
        message.push(Part::Asked, ELAPSED);
        message.push(Part::Closing, "COMMIT");
    }
}

/// How far the server got.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Begun {
    Nothing,
    Transaction,
}

/// The next statements; an empty last batch at the end.
fn next(source: &mut dyn StatementSource) -> Result<Batch, ScriptError> {
    let batch = source.next_batch(MESSAGE_BYTES)?;
    Ok(batch.unwrap_or(Batch {
        last: true,
        ..Batch::default()
    }))
}

/// A borrow as the port's `CopyRows` wants it.
fn source_rows<'a>(source: &'a mut dyn StatementSource) -> &'a mut dyn StatementSource {
    source
}

fn server_time(answer: &Answer) -> Option<Duration> {
    let cell = answer.asked.last()?.cells.first()?.first()?.as_ref()?;
    cell.parse().ok().map(Duration::from_micros)
}
