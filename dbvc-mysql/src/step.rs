//! One statement of a script outside a transaction, in one message with what is written before and after it.

use std::time::Instant;

use dbvc_engine::driver::{
    Heard, Limits, Notice, NoticeLevel, Outcome, Rows, StepAfter, StepEntry, StepNotes, Stepped,
    TransactionFit,
};
use dbvc_engine::error::{Operation, Result};
use dbvc_engine::sql::Statement;

use crate::message::{Message, Part};
use crate::session::MySqlSession;
use crate::statement::{fit, locks_tables};

/// The entry's number where it is written in the same message.
const RANK: &str = "@dbvc_rank";

impl MySqlSession {
    /// What only changes data shares a transaction with what is written after it, so that after a break both are there
    /// or neither.
    pub(crate) async fn step(
        &mut self,
        statement: &Statement,
        notes: &StepNotes<'_>,
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Stepped {
        let clock = Instant::now();
        if !self.can_be_followed(statement) {
            return self.step_in_parts(statement, notes, limits, heard).await;
        }
        let mut message = Message::new();
        self.push_limits(&mut message, limits);
        let rank = self.push_entry(&mut message, notes);
        let begun = message.parts();
        let after = self.after(&rank, notes.after);
        let fits = fit(&statement.sql) == TransactionFit::Fits;
        if fits {
            message.push(Part::Own, "START TRANSACTION");
        }
        self.push_fence(&mut message, notes.fence);
        self.push_statement(&mut message, statement);
        if fits {
            push_all(&mut message, &after);
            message.push(Part::Own, "COMMIT");
        } else {
            self.push_recorded(&mut message, notes.fence, &after);
        }
        let (mut outcome, answer) = self.send_script(&message, limits, heard).await;
        if outcome.statements > 0 && locks_tables(&statement.sql) {
            heard.notice(tables_unlocked());
        }
        if outcome.failure.is_some() {
            self.give_up().await;
            // Rolled back with its note.
            if fits {
                outcome.statements = 0;
            }
        }
        outcome.duration = clock.elapsed();
        Stepped {
            // What was not committed has no number.
            rank: self
                .rank(notes, &answer.asked)
                .filter(|_| answer.completed >= begun),
            outcome,
        }
    }

    /// Where nothing can follow the statement in its message.
    async fn step_in_parts(
        &mut self,
        statement: &Statement,
        notes: &StepNotes<'_>,
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Stepped {
        let fits = fit(&statement.sql) == TransactionFit::Fits;
        let answers = match self.begin_in_parts(notes, fits).await {
            Ok(answers) => answers,
            Err(error) => return Stepped::not_begun(error),
        };
        let rank = self.rank(notes, &answers);
        let outcome = self
            .execute_alone(std::slice::from_ref(statement), limits, heard)
            .await;
        if outcome.failure.is_some() {
            self.give_up().await;
            return Stepped { rank, outcome };
        }
        let after = self.after(RANK, notes.after);
        let mut message = Message::new();
        if let Some(rank) = rank {
            message.push(Part::Own, &format!("SET {RANK} = {rank}"));
        }
        if fits {
            push_all(&mut message, &after);
            message.push(Part::Own, "COMMIT");
        } else {
            self.push_recorded(&mut message, notes.fence, &after);
        }
        let outcome = match self.run_transaction(Operation::Record, &message).await {
            Ok(_) => outcome,
            Err(error) if fits => Outcome::default().stopped(None, error),
            Err(error) => outcome.stopped(None, error),
        };
        Stepped { rank, outcome }
    }

    async fn begin_in_parts(&mut self, notes: &StepNotes<'_>, fits: bool) -> Result<Vec<Rows>> {
        let mut message = Message::new();
        self.push_entry(&mut message, notes);
        if fits {
            message.push(Part::Own, "START TRANSACTION");
            self.push_fence(&mut message, notes.fence);
        }
        if message.is_empty() {
            return Ok(Vec::new());
        }
        self.run_transaction(Operation::Record, &message).await
    }

    /// Appends the intent, committed, where it is not written yet. Gives what stands for the entry's number.
    fn push_entry(&self, message: &mut Message, notes: &StepNotes<'_>) -> String {
        match notes.entry {
            StepEntry::Open(rank) => rank.to_string(),
            StepEntry::New(execution, progress) => {
                let intent = self.record.start(notes.fence, execution, progress);
                self.push_recorded(message, notes.fence, &intent);
                let newest = self.record.newest(&execution.migration);
                message.push(Part::Own, &format!("SET {RANK} = {newest}"));
                RANK.to_owned()
            }
        }
    }

    fn after(&self, rank: &str, after: StepAfter<'_>) -> Vec<String> {
        match after {
            StepAfter::Advance(progress) => self.record.advance(rank, progress),
            StepAfter::Finish(progress, end) => {
                // How long it took is what the server counts while it writes how far it came.
                let mut statements = self.record.advance(rank, progress);
                statements.extend(self.record.finish(rank, end));
                statements
            }
        }
    }

    fn rank(&self, notes: &StepNotes<'_>, answers: &[Rows]) -> Option<u64> {
        match notes.entry {
            StepEntry::Open(rank) => Some(rank),
            StepEntry::New(..) => self.record.read_rank(answers).ok(),
        }
    }
}

/// The transaction that writes a note ends the locks.
fn tables_unlocked() -> Notice {
    Notice {
        level: NoticeLevel::Warning,
        message: "the tables are unlocked again: after each statement dbvc writes how far the script has come, which ends \
                  LOCK TABLES; where others must not write meanwhile, use a transaction"
            .into(),
        code: None,
    }
}

fn push_all(message: &mut Message, statements: &[String]) {
    for sql in statements {
        message.push(Part::Record, sql);
    }
}
