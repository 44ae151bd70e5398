//! Sending one message and reading its whole answer, while someone may ask to stop.

use std::time::Duration;

use dbvc_engine::driver::{Heard, Outcome, Target};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use futures_util::StreamExt;
use futures_util::future::poll_fn;
use sqlx::postgres::{PgConnection, PgRow};
use sqlx::{AssertSqlSafe, Column, Either, Row, ValueRef};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;

use dbvc_engine::driver::Rows;

use crate::blockers::{self, Lookout};
use crate::connect::Settings;
use crate::message::{Message, Part};
use crate::quiet::Quiet;
use crate::{error, notices};

/// A cancel request that comes between two statements is lost, so it is repeated.
const ASK_AGAIN: Duration = Duration::from_millis(500);
/// A server that has not stopped a statement after this long is left alone.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// A timer that never fires, for practical purposes.
const LONGEST_SLEEP: Duration = Duration::from_hours(24);

/// What the server answered.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// Parts that completed.
    pub(crate) completed: usize,
    /// Rows that the script's statements changed.
    pub(crate) rows: u64,
    /// What was told of each migration in the message, where it holds several.
    pub(crate) units: Vec<Told>,
    /// Rows of each [`Part::Asked`] and [`Part::Record`], in order.
    pub(crate) asked: Vec<Rows>,
    /// What ended it early.
    pub(crate) error: Option<sqlx::Error>,
    /// Someone asked to stop.
    pub(crate) stopped: bool,
    /// Who was in the way while a statement waited for a lock.
    pub(crate) blockers: Vec<String>,
    /// The server did not stop in time; the connection is of no more use.
    pub(crate) abandoned: bool,
    /// The server does not work on the message any more, and its answer did not come.
    pub(crate) unheard: bool,
}

/// What the server told of one migration.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Told {
    pub(crate) rows: u64,
    pub(crate) took: Option<Duration>,
}

/// What the sender knows of the session.
pub(crate) struct Wire<'a> {
    pub(crate) connection: &'a mut PgConnection,
    /// The server process, as soon as it is known.
    pub(crate) backend: &'a mut Option<i32>,
    pub(crate) settings: &'a Settings,
    pub(crate) target: &'a Target,
    /// How long a statement of this message waits for a lock, where that is limited.
    pub(crate) lock_timeout: Option<Duration>,
}

/// Asks for the server process. Followed, before a script's statements, by [`flush`].
pub(crate) const WHO_SERVES: &str = "SELECT pg_catalog.pg_backend_pid()";

/// A statement that makes the server send what it has answered so far: it does so with each notice (`elog.c`,
/// `send_message_to_frontend`), and otherwise keeps small answers back until the whole message is done. So the process
/// to cancel is known before the first long statement, and no round trip is spent on asking.
pub(crate) fn flush() -> String {
    format!("DO 'BEGIN RAISE INFO ''{}''; END'", notices::FLUSH)
}

/// Sends `message` and reads its answer to the end.
pub(crate) async fn send(
    wire: Wire<'_>,
    message: &mut Message,
    cancel: Option<&CancellationToken>,
    mut heard: Option<&mut dyn Heard>,
) -> Answer {
    let mut answer = Answer::default();
    let never = CancellationToken::new();
    let cancel = cancel.unwrap_or(&never);
    let mut stopper: Option<Stopper> = None;
    let mut lookout: Option<Lookout> = None;
    let long = wire.lock_timeout.map_or(LONGEST_SLEEP, blockers::every);
    let mut long = Box::pin(tokio::time::sleep(long));
    let mut reading = Reading::default();
    let mut patience = Box::pin(tokio::time::sleep(PATIENCE));
    let mut quiet = Quiet::new(wire.settings);
    let mut stream = sqlx::raw_sql(AssertSqlSafe(message.take_sql())).fetch_many(wire.connection);
    loop {
        let next = poll_fn(|context| {
            let (poll, said) = notices::during(|| stream.poll_next_unpin(context));
            if let Some(heard) = heard.as_deref_mut() {
                for notice in said {
                    heard.notice(notice);
                }
            }
            poll
        });
        tokio::select! {
            item = next => match item {
                Some(Ok(item)) => {
                    quiet.heard();
                    reading.take(item, message, &mut answer, wire.backend);
                    if let Some(heard) = heard.as_deref_mut() { reading.tell(message, &answer, heard); }
                }
                Some(Err(error)) => return answer.failed(error, lookout.as_ref()),
                None => return answer,
            },
            () = quiet.lost(wire.settings, wire.target, *wire.backend) => {
                return Answer { unheard: true, ..answer };
            }
            () = cancel.cancelled(), if !answer.stopped => {
                answer.stopped = true;
                patience.as_mut().reset(tokio::time::Instant::now() + PATIENCE);
            }
            () = &mut patience, if answer.stopped => return Answer { abandoned: true, ..answer },
            () = &mut long, if lookout.is_none() && wire.lock_timeout.is_some() && wire.backend.is_some() => {
                let limit = wire.lock_timeout.unwrap_or_default();
                lookout = wire.backend.map(|backend| Lookout::start(wire.settings, wire.target, backend, limit));
            }
        }
        if answer.stopped && stopper.is_none() {
            stopper = wire
                .backend
                .map(|backend| Stopper::start(wire.settings, wire.target, backend));
        }
    }
}

/// The rows of the part that is being answered.
#[derive(Default)]
struct Reading {
    rows: Rows,
    seen: u64,
    /// Parts whose end was told.
    told: usize,
}

impl Reading {
    fn take(
        &mut self,
        item: Either<sqlx::postgres::PgQueryResult, PgRow>,
        message: &Message,
        answer: &mut Answer,
        backend: &mut Option<i32>,
    ) {
        let part = message.part(answer.completed);
        match item {
            Either::Right(row) => {
                self.seen += 1;
                match part {
                    Some(Part::Backend) => *backend = cell(&row, 0).and_then(|text| text.parse().ok()),
                    Some(Part::Asked | Part::Record) => self.keep(&row),
                    Some(Part::Elapsed) => {
                        let micros = cell(&row, 0).and_then(|text| text.parse().ok());
                        answer.told(message).took = micros.map(Duration::from_micros);
                    }
                    _ => {}
                }
            }
            Either::Left(result) => {
                match part {
                    Some(Part::Asked | Part::Record) => answer.asked.push(std::mem::take(&mut self.rows)),
                    Some(Part::Script(index)) => {
                        // A SELECT's completion counts the rows it gave, which it did not change.
                        let changed =
                            self.seen == 0 || message.script(index).is_some_and(crate::statement::writes);
                        let rows = if changed { result.rows_affected() } else { 0 };
                        answer.rows += rows;
                        answer.told(message).rows += rows;
                    }
                    _ => {}
                }
                self.seen = 0;
                answer.completed += 1;
            }
        }
    }

    /// Tells of a migration whose last part completed, and of the one that is next.
    fn tell(&mut self, message: &Message, answer: &Answer, heard: &mut dyn Heard) {
        if answer.completed == self.told {
            return;
        }
        self.told = answer.completed;
        let Some(unit) = message.ends_unit(answer.completed - 1) else {
            return;
        };
        let told = answer.units.get(unit).copied().unwrap_or_default();
        let outcome = Outcome {
            statements: message.completed_in(unit, answer.completed),
            rows: told.rows,
            duration: told.took.unwrap_or_default(),
            failure: None,
        };
        heard.committed(unit, &outcome);
        if unit + 1 < message.units() {
            heard.begins(unit + 1);
        }
    }

    fn keep(&mut self, row: &PgRow) {
        if self.rows.columns.is_empty() {
            let names = row.columns().iter().map(|column| column.name().to_owned());
            self.rows.columns = names.collect();
        }
        let cells = (0..row.columns().len()).map(|index| cell(row, index));
        self.rows.cells.push(cells.collect());
    }
}

/// A cell as the server wrote it; the simple protocol gives text.
fn cell(row: &PgRow, index: usize) -> Option<String> {
    let value = row.try_get_raw(index).ok()?;
    if value.is_null() {
        return None;
    }
    value.as_str().ok().map(ToOwned::to_owned)
}

/// Asks the server, over another connection, to stop what `backend` does; ends when it is dropped.
pub(crate) struct Stopper(JoinHandle<()>);

impl Stopper {
    pub(crate) fn start(settings: &Settings, target: &Target, backend: i32) -> Self {
        let (mut settings, target) = (settings.clone(), target.clone());
        Self(tokio::spawn(async move {
            loop {
                // A server that has no connection left says so; then we try again until the patience ends.
                let _ = ask_to_stop(&mut settings, &target, backend).await;
                tokio::time::sleep(ASK_AGAIN).await;
            }
        }))
    }
}

impl Drop for Stopper {
    fn drop(&mut self) {
        self.0.abort();
    }
}

async fn ask_to_stop(settings: &mut Settings, target: &Target, backend: i32) -> Result<()> {
    let mut connection = settings.open(target).await?.connection;
    let sql = format!("SELECT pg_catalog.pg_cancel_backend({backend})");
    let sent = sqlx::raw_sql(AssertSqlSafe(sql)).execute(&mut connection).await;
    sent.map_err(|error| error::from_sqlx(&error, Operation::Execute, target))?;
    // The request is out; a goodbye that fails changes nothing.
    let _ = sqlx::Connection::close(connection).await;
    Ok(())
}

impl Answer {
    /// What is told of the migration whose part is being answered.
    fn told(&mut self, message: &Message) -> &mut Told {
        let unit = message.unit_of(self.completed).unwrap_or_default();
        if self.units.len() <= unit {
            self.units.resize(unit + 1, Told::default());
        }
        &mut self.units[unit]
    }

    fn failed(mut self, error: sqlx::Error, lookout: Option<&Lookout>) -> Self {
        self.error = Some(error);
        self.blockers = lookout.map(Lookout::seen).unwrap_or_default();
        self
    }

    /// Whether the server refused the message before it ran anything of it: a part of it does not parse.
    pub(crate) fn is_refused(&self) -> bool {
        self.completed == 0 && !self.stopped && matches!(self.error, Some(sqlx::Error::Database(_)))
    }

    /// The error as the port has it, without a position.
    pub(crate) fn failure(&self, operation: Operation, target: &Target) -> Option<DriverError> {
        if self.abandoned {
            return Some(abandoned(operation));
        }
        if self.unheard {
            return Some(unheard(operation));
        }
        let mut made = error::from_sqlx(self.error.as_ref()?, operation, target);
        if made.kind == ErrorKind::LockTimeout {
            made.notes.extend(self.blockers.iter().cloned());
        }
        if self.stopped && made.code.as_deref() == Some("57014") {
            made.kind = ErrorKind::Cancelled;
        }
        Some(made)
    }
}

pub(crate) fn unheard(operation: Operation) -> DriverError {
    DriverError::new(
        ErrorKind::ConnectionLost,
        operation,
        "no answer came, and the server cannot be reached or does not work on it any more",
    )
}

pub(crate) fn abandoned(operation: Operation) -> DriverError {
    DriverError::new(
        ErrorKind::ConnectionLost,
        operation,
        format!(
            "the server did not stop the statement within {} s",
            PATIENCE.as_secs()
        ),
    )
}
