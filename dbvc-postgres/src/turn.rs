//! Several transactional migrations in one message.
//!
//! The server reads a message's statements one after another and drops the rest at the first error (manual, 55.2.2.1),
//! so each migration has its own `BEGIN` and `COMMIT` in it, and a failure stops exactly where it would have alone.
//! Only a text that does not parse is refused as a whole, before anything of it runs; then each goes alone.

use dbvc_engine::driver::{Heard, Limits, MESSAGE_BYTES, Notice, Outcome, Queued, StatementSource, Unit};
use dbvc_engine::sql::{Batch, ScriptError, Statement};

use crate::apply::next;
use crate::message::Message;
use crate::send::Answer;
use crate::session::PostgresSession;

/// What dbvc adds to a migration in a message, at most and without the text for the registry.
const OWN_BYTES: usize = 8 * 1024;
/// A message with several migrations is kept to this size: half of it is dbvc's own.
const SHARED_BYTES: usize = MESSAGE_BYTES + MESSAGE_BYTES / 2;
/// Since this version a statement's limit counts each statement of a message; before, it counted the whole message
/// (manual of 13, 19.11, `statement_timeout`).
const LIMITS_EACH_STATEMENT: u32 = 130_000;

/// A unit that is read, with its limits.
type Waiting<'a> = (&'a Unit<'a>, &'a Limits);

/// What was read of a unit before it is sent.
enum Read {
    /// All of it, small enough to share a message.
    Whole(Vec<Statement>),
    /// Its beginning.
    Begun(Batch),
    /// Nothing.
    Unreadable(ScriptError),
}

impl PostgresSession {
    pub(crate) async fn apply_queue(
        &mut self,
        queue: &mut [Queued<'_>],
        heard: &mut dyn Heard,
    ) -> Vec<Outcome> {
        let mut outcomes = Vec::with_capacity(queue.len());
        let mut ahead = None;
        while outcomes.len() < queue.len() && !failed(&outcomes) {
            let start = outcomes.len();
            let shared = self.fill(&mut queue[start..], &mut ahead);
            let heard = &mut From { start, heard };
            if shared.is_empty() {
                heard.begins(0);
                let outcome = self.apply_read(&mut queue[start], ahead.take(), heard).await;
                if outcome.failure.is_none() {
                    heard.committed(0, &outcome);
                }
                outcomes.push(outcome);
            } else {
                let waiting: Vec<Waiting<'_>> = queue[start..]
                    .iter()
                    .map(|one| (&one.unit, &one.limits))
                    .collect();
                let sent = self.send_units(&waiting, shared, heard).await;
                outcomes.extend(sent);
            }
        }
        outcomes
    }

    /// Reads units as long as they fit in one message; the first that does not stays `ahead`.
    fn fill(&self, queue: &mut [Queued<'_>], ahead: &mut Option<Read>) -> Vec<Vec<Statement>> {
        let mut shared = Vec::new();
        let mut bytes = 0;
        for queued in queue {
            let alone = queued.limits.statement_timeout.is_some() && !self.is_at_least(LIMITS_EACH_STATEMENT);
            match ahead.take().unwrap_or_else(|| read(queued.source.as_mut())) {
                Read::Whole(statements) => {
                    bytes += OWN_BYTES + 2 * statements.iter().map(|one| one.sql.len()).sum::<usize>();
                    if !shared.is_empty() && (alone || bytes > SHARED_BYTES) {
                        *ahead = Some(Read::Whole(statements));
                        break;
                    }
                    shared.push(statements);
                    if alone {
                        break;
                    }
                }
                large => {
                    *ahead = Some(large);
                    break;
                }
            }
        }
        shared
    }

    /// Applies one unit by itself.
    async fn apply_read(
        &mut self,
        queued: &mut Queued<'_>,
        read: Option<Read>,
        heard: &mut dyn Heard,
    ) -> Outcome {
        let first = match read {
            Some(Read::Unreadable(error)) => return Outcome::default().stopped(None, error),
            Some(Read::Begun(batch)) => Some(batch),
            Some(Read::Whole(_)) | None => None,
        };
        let mut source = GoingOn {
            first,
            rest: queued.source.as_mut(),
        };
        self.apply_unit(&queued.unit, &mut source, &queued.limits, heard)
            .await
    }

    /// Sends units in one message.
    async fn send_units(
        &mut self,
        queue: &[Waiting<'_>],
        shared: Vec<Vec<Statement>>,
        heard: &mut From<'_>,
    ) -> Vec<Outcome> {
        let sent = shared.len();
        let mut message = self.units_message(queue, shared);
        heard.begins(0);
        let (_, limits) = queue[0];
        let answer = match self.refuse_when_stopped(limits) {
            Some(stopped) => return vec![stopped],
            None => self.send(&mut message, Some(&limits.cancel), Some(heard)).await,
        };
        if sent > 1 && answer.is_refused() {
            self.transaction = None;
            return self.send_each(queue, message.into_units(), heard).await;
        }
        self.end_units(message, &answer, sent).await
    }

    fn units_message(&mut self, queue: &[Waiting<'_>], shared: Vec<Vec<Statement>>) -> Message {
        let mut message = Message::about(&about(queue, shared.len()));
        for ((unit, limits), statements) in queue.iter().zip(shared) {
            message.begin_unit();
            self.push_unit(unit, limits, statements, &mut message);
        }
        message
    }

    fn push_unit(
        &mut self,
        unit: &Unit<'_>,
        limits: &Limits,
        statements: Vec<Statement>,
        message: &mut Message,
    ) {
        let count = u32::try_from(statements.len()).unwrap_or(u32::MAX);
        self.opening(unit, limits, message);
        for statement in statements {
            message.statement(statement);
        }
        self.closing(unit, count, message);
    }

    /// Sends each unit alone, so that all before the one that does not parse are applied.
    async fn send_each(
        &mut self,
        queue: &[Waiting<'_>],
        units: Vec<Vec<Statement>>,
        heard: &mut From<'_>,
    ) -> Vec<Outcome> {
        let mut outcomes = Vec::new();
        for (index, statements) in units.into_iter().enumerate() {
            let queue = &queue[index..];
            let heard = &mut From {
                start: heard.start + index,
                heard: heard.heard,
            };
            outcomes.extend(Box::pin(self.send_units(queue, vec![statements], heard)).await);
            if failed(&outcomes) {
                break;
            }
        }
        outcomes
    }

    /// What became of the units of a message; one that failed is rolled back.
    async fn end_units(&mut self, mut message: Message, answer: &Answer, sent: usize) -> Vec<Outcome> {
        let failure = self.explain(&mut message, answer);
        let last = match failure {
            None => sent,
            Some(_) => message.unit_of(answer.completed).unwrap_or_default(),
        };
        let of = |unit: usize| Outcome {
            statements: message.completed_in(unit, answer.completed),
            rows: answer.units.get(unit).map_or(0, |told| told.rows),
            duration: answer
                .units
                .get(unit)
                .and_then(|told| told.took)
                .unwrap_or_default(),
            failure: None,
        };
        let mut outcomes: Vec<Outcome> = (0..last).map(of).collect();
        if let Some((statement, error)) = failure {
            outcomes.push(of(last).stopped(statement, error));
            if answer.completed > 0 {
                // The failure is what is reported; a session that cannot roll back is lost.
                let _ = dbvc_engine::driver::Executor::rollback(self).await;
            }
        }
        self.transaction = None;
        outcomes
    }
}

fn failed(outcomes: &[Outcome]) -> bool {
    outcomes.last().is_some_and(|outcome| outcome.failure.is_some())
}

/// What an operator who looks at the server's sessions should read first.
fn about(queue: &[Waiting<'_>], units: usize) -> String {
    let first = &queue[0].0.execution.script;
    match units {
        1 => first.clone(),
        more => format!("{first} and the next {}", more - 1),
    }
}

fn read(source: &mut dyn StatementSource) -> Read {
    match next(source) {
        Err(error) => Read::Unreadable(error),
        Ok(batch) if batch.last => Read::Whole(batch.statements),
        Ok(batch) => Read::Begun(batch),
    }
}

/// A script whose beginning was read already.
struct GoingOn<'a> {
    first: Option<Batch>,
    rest: &'a mut dyn StatementSource,
}

impl StatementSource for GoingOn<'_> {
    fn next_batch(&mut self, max_bytes: usize) -> Result<Option<Batch>, ScriptError> {
        match self.first.take() {
            Some(batch) => Ok(Some(batch)),
            None => self.rest.next_batch(max_bytes),
        }
    }

    fn next_copy_rows(&mut self) -> Result<Option<String>, ScriptError> {
        self.rest.next_copy_rows()
    }
}

/// Tells of units by their place in the whole queue.
struct From<'a> {
    start: usize,
    heard: &'a mut dyn Heard,
}

impl Heard for From<'_> {
    fn notice(&mut self, notice: Notice) {
        self.heard.notice(notice);
    }

    fn progress(&mut self, done: u32) {
        self.heard.progress(done);
    }

    fn begins(&mut self, unit: usize) {
        self.heard.begins(self.start + unit);
    }

    fn committed(&mut self, unit: usize, outcome: &Outcome) {
        self.heard.committed(self.start + unit, outcome);
    }
}
