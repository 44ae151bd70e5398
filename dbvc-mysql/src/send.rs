//! Sending one message and reading its whole answer, while someone may ask to stop.

use std::pin::pin;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use dbvc_engine::driver::{Heard, Limits, Notice, NoticeLevel, Rows, Target};
use mysql_async::prelude::Queryable;
use mysql_async::{Column, Conn, QueryResult, Row, TextProtocol, Value};
use tokio::task::JoinHandle;

use crate::connect::Settings;
use crate::message::{Message, Part};
use crate::statement;

/// A request to stop that comes between two statements is lost, so it is repeated.
const ASK_AGAIN: Duration = Duration::from_millis(500);
/// A server that has not stopped a statement after this long is left alone.
pub(crate) const PATIENCE: Duration = Duration::from_secs(5);

/// Why the server was asked to stop.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Stop {
    /// Somebody wants the run to end.
    Asked,
    /// A statement ran too long.
    TooLong,
}

/// What the server answered.
#[derive(Debug, Default)]
pub(crate) struct Answer {
    /// Parts that completed.
    pub(crate) completed: usize,
    /// Rows that the script's statements changed.
    pub(crate) rows: u64,
    /// Rows of each [`Part::Asked`] and [`Part::Record`], in order.
    pub(crate) asked: Vec<Rows>,
    /// What ended it early.
    pub(crate) error: Option<mysql_async::Error>,
    pub(crate) stop: Option<Stop>,
    /// The server did not stop in time; the connection is of no more use.
    pub(crate) abandoned: bool,
}

/// When the statement that runs now began.
type Since = Arc<Mutex<Instant>>;

/// Sends `message` and reads its answer to the end.
pub(crate) async fn send(
    conn: &mut Conn,
    message: &Message,
    limits: Option<&Limits>,
    heard: Option<&mut dyn Heard>,
    (settings, target): (&Settings, &Target),
) -> Answer {
    let id = conn.id();
    let since: Since = Arc::new(Mutex::new(Instant::now()));
    let mut answer = Answer::default();
    let mut stop = None;
    let mut killer: Option<Killer> = None;
    let abandoned = {
        let mut reading = pin!(read(conn, message, heard, &since, &mut answer));
        let mut stopping = pin!(until_stopped(limits, &since));
        let mut patience = pin!(tokio::time::sleep(PATIENCE));
        loop {
            tokio::select! {
                biased;
                () = &mut reading => break false,
                why = &mut stopping, if stop.is_none() => {
                    stop = Some(why);
                    killer = Some(Killer::start(settings, target, id));
                    patience.as_mut().reset(tokio::time::Instant::now() + PATIENCE);
                }
                () = &mut patience, if stop.is_some() => break true,
            }
        }
    };
    if let Some(killer) = killer {
        killer.end().await;
    }
    answer.stop = stop;
    answer.abandoned = abandoned;
    answer
}

/// Waits until the run is to end, or a statement has run longer than it may.
async fn until_stopped(limits: Option<&Limits>, since: &Since) -> Stop {
    let Some(limits) = limits else {
        return std::future::pending().await;
    };
    let too_long = async {
        let Some(longest) = limits.statement_timeout else {
            return std::future::pending().await;
        };
        loop {
            let begun = *since.lock().unwrap_or_else(PoisonError::into_inner);
            match longest
                .checked_sub(begun.elapsed())
                .filter(|left| !left.is_zero())
            {
                Some(left) => tokio::time::sleep(left).await,
                None => return,
            }
        }
    };
    tokio::select! {
        () = limits.cancel.cancelled() => Stop::Asked,
        () = too_long => Stop::TooLong,
    }
}

async fn read(
    conn: &mut Conn,
    message: &Message,
    heard: Option<&mut dyn Heard>,
    since: &Since,
    answer: &mut Answer,
) {
    let mut reader = Reader {
        message,
        heard,
        since,
        answer,
        called: false,
    };
    match conn.query_iter(message.sql()).await {
        Ok(mut result) => {
            reader.all(&mut result).await;
            // An error that is left would come out of the next, innocent message.
            if let Err(error) = result.drop_result().await {
                reader.answer.error.get_or_insert(error);
            }
        }
        Err(error) => reader.answer.error = Some(error),
    }
}

struct Reader<'a, 'h> {
    message: &'a Message,
    heard: Option<&'h mut dyn Heard>,
    since: &'a Since,
    answer: &'a mut Answer,
    /// The statement being answered gave rows and may give more sets of them, ended by one without columns.
    called: bool,
}

impl Reader<'_, '_> {
    async fn all(&mut self, result: &mut QueryResult<'_, 'static, TextProtocol>) {
        while let Some(columns) = result.columns() {
            let names = names(&columns);
            self.settle_call(&names);
            let part = self.message.part(self.answer.completed);
            if columns.is_empty() {
                // A statement without rows is done; what fails from here on is the next one.
                if let Some(Part::Script(_)) = part
                    && !self.called
                {
                    self.answer.rows += result.affected_rows();
                }
                self.complete();
                if let Err(error) = result.next().await {
                    self.answer.error = Some(error);
                    return;
                }
                continue;
            }
            let mut rows = Rows {
                columns: names,
                cells: Vec::new(),
            };
            let read = self.rows(result, part, &mut rows).await;
            let ours = !matches!(part, Some(Part::Script(_)));
            if read.is_ok() || ours {
                self.take(part, rows);
            }
            if let Err(error) = read {
                self.answer.error = Some(error);
                return;
            }
        }
    }

    async fn rows(
        &mut self,
        result: &mut QueryResult<'_, 'static, TextProtocol>,
        part: Option<Part>,
        rows: &mut Rows,
    ) -> Result<(), mysql_async::Error> {
        while let Some(row) = result.next().await? {
            if matches!(part, Some(Part::Asked | Part::Record | Part::Warnings)) {
                rows.cells.push(cells(row));
            }
        }
        Ok(())
    }

    /// A set of rows has been read.
    fn take(&mut self, part: Option<Part>, rows: Rows) {
        match part {
            Some(Part::Asked | Part::Record) => self.answer.asked.push(rows),
            Some(Part::Warnings) => self.say(&rows),
            Some(Part::Script(index)) => {
                let may_call = self
                    .message
                    .script(index)
                    .is_none_or(|one| statement::may_call(&one.sql));
                if may_call {
                    self.called = true;
                    return;
                }
            }
            _ => {}
        }
        self.complete();
    }

    /// A called procedure's sets of rows end with an answer without columns; another statement's one set of rows is
    /// followed by the warnings.
    fn settle_call(&mut self, names: &[String]) {
        if self.called && names == ["Level", "Code", "Message"] {
            self.complete();
        }
    }

    fn complete(&mut self) {
        self.called = false;
        self.answer.completed += 1;
        *self.since.lock().unwrap_or_else(PoisonError::into_inner) = Instant::now();
    }

    fn say(&mut self, rows: &Rows) {
        let Some(heard) = self.heard.as_deref_mut() else {
            return;
        };
        for row in &rows.cells {
            let cell = |at: usize| row.get(at).cloned().flatten();
            heard.notice(Notice {
                level: if cell(0).as_deref() == Some("Note") {
                    NoticeLevel::Info
                } else {
                    NoticeLevel::Warning
                },
                message: cell(2).unwrap_or_default(),
                code: cell(1),
            });
        }
    }
}

fn names(columns: &[Column]) -> Vec<String> {
    columns
        .iter()
        .map(|column| column.name_str().into_owned())
        .collect()
}

/// The cells as the server wrote them; the text protocol gives bytes.
fn cells(row: Row) -> Vec<Option<String>> {
    row.unwrap_raw()
        .into_iter()
        .map(|value| match value {
            None | Some(Value::NULL) => None,
            Some(Value::Bytes(bytes)) => Some(match String::from_utf8(bytes) {
                Ok(text) => text,
                Err(error) => String::from_utf8_lossy(error.as_bytes()).into_owned(),
            }),
            Some(other) => Some(other.as_sql(true).trim_matches('\'').to_owned()),
        })
        .collect()
}

/// Asks the server, over another connection, to stop what a session does; ends when it is dropped.
pub(crate) struct Killer {
    task: JoinHandle<()>,
    /// Held while a request is on its way: one that arrives late would stop the session's next statement.
    asking: Arc<tokio::sync::Mutex<()>>,
}

impl Killer {
    fn start(settings: &Settings, target: &Target, session: u32) -> Self {
        let (settings, target) = (settings.clone(), target.clone());
        let asking = Arc::new(tokio::sync::Mutex::new(()));
        let guard = asking.clone();
        let task = tokio::spawn(async move {
            loop {
                {
                    // A server that has no connection left says so; then we try again until the patience ends.
                    if let Ok(mut conn) = settings.connect(&target).await {
                        let _asking = guard.lock().await;
                        let _ = conn.query_drop(format!("KILL QUERY {session}")).await;
                    }
                }
                tokio::time::sleep(ASK_AGAIN).await;
            }
        });
        Self { task, asking }
    }

    async fn end(self) {
        // Waits for a request that is on its way, as far as the server answers at all.
        let _ = tokio::time::timeout(ASK_AGAIN, self.asking.lock()).await;
        self.task.abort();
    }
}
