//! A transactional migration in as few messages as it fits in: commonly one.

use std::time::{Duration, Instant};

use dbvc_engine::driver::{Executor, Heard, Limits, MESSAGE_BYTES, Outcome, StatementSource, Unit};
use dbvc_engine::sql::{Batch, ScriptError};
use futures_util::join;

use crate::message::{Message, Part};
use crate::record::BEGUN;
use crate::send::Answer;
use crate::session::PostgresSession;

/// The commit does not wait for the disk. It comes there with the next one that does, or a moment later by itself; what
/// a crash takes is an end of the commits, and each holds a migration with its entry in the history (manual, 30.4).
const LATER_ON_DISK: &str = "SET LOCAL synchronous_commit = off";

/// How long the migration took so far, in microseconds, by the server's clock.
fn elapsed() -> String {
    format!("SELECT floor(extract(epoch FROM clock_timestamp() - {BEGUN}) * 1000000)::bigint")
}

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
        let took = self
            .all_messages(unit, source, limits, heard, &mut outcome, &mut begun)
            .await;
        outcome.duration = took.unwrap_or_else(|| clock.elapsed());
        if outcome.failure.is_some() && begun == Begun::Transaction {
            // The first failure is what is reported; a session that cannot roll back is lost.
            let _ = self.rollback().await;
        }
        self.transaction = None;
        outcome
    }

    /// Sends everything, reading on while the server works; `outcome` says how far it came. The server's time comes with
    /// the last message.
    async fn all_messages(
        &mut self,
        unit: &Unit<'_>,
        source: &mut dyn StatementSource,
        limits: &Limits,
        heard: &mut dyn Heard,
        outcome: &mut Outcome,
        begun: &mut Begun,
    ) -> Option<Duration> {
        let mut message = Message::about(&unit.execution.script);
        self.opening(unit, limits, &mut message);
        let mut read = next(source);
        loop {
            let batch = match read {
                Ok(batch) => batch,
                Err(error) => {
                    *outcome = std::mem::take(outcome).stopped(None, error);
                    return None;
                }
            };
            let room = MESSAGE_BYTES.saturating_sub(message.len());
            let size: usize = batch.statements.iter().map(|statement| statement.sql.len()).sum();
            if message.statements() > 0
                && size > room
                && self
                    .step(&mut message, limits, heard, outcome, begun)
                    .await
                    .is_none()
            {
                return None;
            }
            for statement in batch.statements {
                message.statement(statement);
            }
            if batch.last {
                let total = outcome.statements + message.statements();
                self.closing(unit, total, &mut message);
                let answer = self.step(&mut message, limits, heard, outcome, begun).await?;
                return answer.units.first().and_then(|told| told.took);
            }
            if let Some(copy) = &batch.copy {
                self.step(&mut message, limits, heard, outcome, begun).await?;
                let mut rows = source_rows(source);
                let part = self.copy(copy, &mut rows, limits).await;
                if outcome.absorb(part) {
                    return None;
                }
                read = next(source);
            } else if message.len() >= MESSAGE_BYTES {
                let sent = self.step(&mut message, limits, heard, outcome, begun);
                // The first is polled first: the message is on its way when the reading begins.
                let (sent, ahead) = join!(sent, async { next(source) });
                sent?;
                read = ahead;
            } else {
                read = next(source);
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
    pub(crate) fn opening(&mut self, unit: &Unit<'_>, limits: &Limits, message: &mut Message) {
        message.push(Part::Own, "RESET ALL");
        self.set_limits = (None, None);
        self.used = true;
        if message.parts() == 1 {
            self.forget_pooled_backend();
        }
        if self.backend.is_none() && message.parts() == 1 {
            message.push(Part::Backend, crate::send::WHO_SERVES);
        }
        self.push_begin(message, unit.fence);
        for limit in self.limit_statements(limits) {
            message.push(Part::Own, &limit);
        }
        if !unit.durable {
            message.push(Part::Own, LATER_ON_DISK);
        }
    }

    /// What comes after the script.
    pub(crate) fn closing(&self, unit: &Unit<'_>, statements: u32, message: &mut Message) {
        Self::push_release(message);
        let end = unit.completed(statements, None);
        for sql in self.record.record(unit.fence, unit.execution, &end) {
            message.push(Part::Record, &sql);
        }
        message.push(Part::Elapsed, &elapsed());
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
pub(crate) fn next(source: &mut dyn StatementSource) -> Result<Batch, ScriptError> {
    let batch = source.next_batch(MESSAGE_BYTES)?;
    Ok(batch.unwrap_or(Batch {
        last: true,
        ..Batch::default()
    }))
}

/// A borrow as the port's `CopyRows` wants it.
fn source_rows(source: &mut dyn StatementSource) -> &mut dyn StatementSource {
    source
}
