//! A migration that only changes data, in as few messages as it fits in: commonly one.

use std::time::{Duration, Instant};

use dbvc_engine::driver::{End, EntryStatus, Heard, Limits, MESSAGE_BYTES, Outcome, StatementSource, Unit};
use dbvc_engine::sql::Batch;

use crate::execute::RELEASE;
use crate::message::{Message, Part};
use crate::send::Answer;
use crate::session::MySqlSession;

/// How long the transaction took so far, in microseconds, by the server's clock.
const ELAPSED: &str = "SELECT TIMESTAMPDIFF(MICROSECOND, @dbvc_begun, UTC_TIMESTAMP(6))";

impl MySqlSession {
    pub(crate) async fn apply_unit(
        &mut self,
        unit: &Unit<'_>,
        source: &mut dyn StatementSource,
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Outcome {
        let clock = Instant::now();
        let mut outcome = Outcome::default();
        self.in_transaction = true;
        let server_time = self.all_messages(unit, source, limits, heard, &mut outcome).await;
        outcome.duration = server_time.unwrap_or_else(|| clock.elapsed());
        self.in_transaction = false;
        if outcome.failure.is_some() {
            self.give_up().await;
        }
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
    ) -> Option<Duration> {
        let mut message = Message::new();
        self.push_reset(&mut message);
        self.push_limits(&mut message, limits);
        self.push_begin(&mut message, unit.fence);
        loop {
            let batch = match source.next_batch(MESSAGE_BYTES) {
                Ok(batch) => batch.unwrap_or(Batch {
                    last: true,
                    ..Batch::default()
                }),
                Err(error) => {
                    *outcome = std::mem::take(outcome).stopped(None, error);
                    return None;
                }
            };
            for statement in &batch.statements {
                if let Err(error) = self.check_size(statement) {
                    *outcome = std::mem::take(outcome).stopped(Some(statement.clone()), error);
                    return None;
                }
                let full = message.len() + statement.sql.len() > MESSAGE_BYTES;
                if full && message.statements() > 0 {
                    self.flush(&mut message, limits, heard, outcome).await?;
                }
                if !self.push_statement(&mut message, statement) {
                    self.flush(&mut message, limits, heard, outcome).await?;
                }
            }
            if batch.last {
                let total = outcome.statements + message.statements();
                self.push_closing(unit, total, &mut message);
                let answer = self.flush(&mut message, limits, heard, outcome).await?;
                return server_time(&answer);
            }
        }
    }

    /// Sends what has gathered; none when it failed.
    async fn flush(
        &mut self,
        message: &mut Message,
        limits: &Limits,
        heard: &mut dyn Heard,
        outcome: &mut Outcome,
    ) -> Option<Answer> {
        let message = std::mem::take(message);
        if message.is_empty() {
            return Some(Answer::default());
        }
        let (part, answer) = self.send_script(&message, limits, heard).await;
        let failed = outcome.absorb(part);
        heard.progress(outcome.statements);
        (!failed).then_some(answer)
    }

    /// What comes after the script.
    fn push_closing(&self, unit: &Unit<'_>, statements: u32, message: &mut Message) {
        message.push(Part::Closing, RELEASE);
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
        message.push(Part::Own, "COMMIT");
        message.push(Part::Own, "SET @dbvc_begun = NULL");
    }
}

fn server_time(answer: &Answer) -> Option<Duration> {
    let cell = answer.asked.last()?.cells.first()?.first()?.as_ref()?;
    cell.parse().ok().map(Duration::from_micros)
}
