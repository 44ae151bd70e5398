//! One connection: what it is, and the messages that go over it.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use dbvc_engine::driver::{
    Capabilities, Heard, Limits, RecordLocation, Rows, ServerInfo, Session, StepNotes, Stepped, Target,
};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::record::{Missing, RecordSql};
use dbvc_engine::sql::Statement;
use mysql_async::Conn;

use crate::connect::Settings;
use crate::driver::CAPABILITIES;
use crate::error;
use crate::flavour::{self, Flavour, capabilities, plain_mode, product, version};
use crate::message::{Message, Part};
use crate::record::{DIALECT, literal, maria_dialect};
use crate::send::{Answer, PATIENCE, Stop, send};

/// How long a statement waits for a lock where nobody says how long: the server's own limit for metadata locks is a
/// day or a year, in which every query on the table would queue behind it.
const LOCK_WAIT: Duration = Duration::from_secs(30);

/// One connection to MySQL or MariaDB.
pub(crate) struct MySqlSession {
    /// None once it broke, or a call was dropped before its answer was read.
    pub(crate) conn: Option<Conn>,
    pub(crate) settings: Settings,
    pub(crate) target: Target,
    pub(crate) record: RecordSql,
    pub(crate) flavour: Flavour,
    server: ServerInfo,
    capabilities: Capabilities,
    /// The `sql_mode` with which every script begins.
    sql_mode: String,
    /// The largest message that the server takes.
    largest: usize,
    /// The lock wait that was set, in seconds.
    pub(crate) lock_wait: u64,
    /// A script may have changed settings of the session.
    pub(crate) changed: bool,
    /// A transaction of ours is open.
    pub(crate) in_transaction: bool,
    /// This session has the native lock that proves that the keeper lives.
    pub(crate) proven: bool,
}

impl MySqlSession {
    pub(crate) async fn open(target: &Target, settings: Settings) -> Result<Self> {
        let conn = settings.connect(target).await?;
        let location = RecordLocation {
            schema: settings.database.clone(),
            ..target.record.clone()
        };
        let mut session = Self {
            conn: Some(conn),
            record: RecordSql::new(DIALECT, location),
            settings,
            target: target.clone(),
            flavour: Flavour::MySql,
            server: ServerInfo::default(),
            capabilities: CAPABILITIES,
            sql_mode: String::new(),
            largest: usize::MAX,
            lock_wait: LOCK_WAIT.as_secs(),
            changed: false,
            in_transaction: false,
            proven: false,
        };
        match session.greet().await {
            Ok(()) => Ok(session),
            Err(error) => Err(session.settings.advise(error)),
        }
    }

    /// Sets what every session needs, and asks who answers.
    async fn greet(&mut self) -> Result<()> {
        let mut message = Message::new();
        message.push(
            Part::Asked,
            "SELECT VERSION(), DATABASE(), SUBSTRING_INDEX(USER(), '@', 1), @@SESSION.sql_mode, @@max_allowed_packet",
        );
        message.push(Part::Own, "SET NAMES utf8mb4");
        message.push(
            Part::Own,
            "SET SESSION autocommit = 1, completion_type = 'NO_CHAIN'",
        );
        message.push(Part::Own, &lock_wait(self.lock_wait));
        if self.settings.read_only {
            message.push(Part::Own, "SET SESSION TRANSACTION READ ONLY");
        }
        let answers = self.run(Operation::Connect, &message).await?;
        let row = answers.first().and_then(|rows| rows.cells.first());
        let cell = |at: usize| {
            row.and_then(|row| row.get(at).cloned().flatten())
                .unwrap_or_default()
        };
        self.flavour = flavour::flavour(&cell(0));
        if self.flavour == Flavour::MariaDb {
            self.record = RecordSql::new(maria_dialect(), self.record.location().clone());
        }
        self.server = ServerInfo {
            product: product(self.flavour).into(),
            version: version(&cell(0)),
            database: cell(1),
            login: cell(2),
            features: flavour::features(self.flavour, &version(&cell(0))),
        };
        flavour::check(self.flavour, &self.server.version)?;
        self.capabilities = capabilities(self.flavour, &self.server.version);
        self.largest = cell(4).parse().unwrap_or(usize::MAX);
        let (mode, changed) = plain_mode(&cell(3));
        self.sql_mode = mode;
        if changed {
            let mut message = Message::new();
            message.push(
                Part::Own,
                &format!("SET SESSION sql_mode = {}", literal(&self.sql_mode)),
            );
            self.run(Operation::Connect, &message).await?;
        }
        Ok(())
    }

    /// Undoes what an earlier script left behind, so that a migration does the same whatever ran before it, and appends
    /// what every session of ours needs.
    ///
    /// One command makes a server forget a session's settings, variables, prepared statements and temporary tables, and
    /// its named locks too (MySQL manual, `mysql_reset_connection`). A session that proves the lock with one is
    /// therefore not reset: only its settings are set back. (MySQL takes `foreign_key_checks = DEFAULT` for off.)
    pub(crate) async fn reset(&mut self, message: &mut Message) -> Result<()> {
        if !std::mem::take(&mut self.changed) {
            return Ok(());
        }
        if let Some(conn) = self.conn.as_mut().filter(|_| !self.proven) {
            conn.reset()
                .await
                .map_err(|error| error::from_mysql(&error, Operation::Execute, &self.target))?;
        }
        self.push_settings(message);
        Ok(())
    }

    /// Appends the settings that every session of ours has.
    pub(crate) fn push_settings(&self, message: &mut Message) {
        message.push(Part::Own, &format!("USE {}", self.record.schema()));
        message.push(Part::Own, "SET NAMES utf8mb4");
        message.push(
            Part::Own,
            &format!(
                "SET SESSION autocommit = 1, completion_type = 'NO_CHAIN', foreign_key_checks = 1, \
                 unique_checks = 1, time_zone = DEFAULT, sql_mode = {}",
                literal(&self.sql_mode)
            ),
        );
        message.push(Part::Own, &lock_wait(self.lock_wait));
        if self.settings.read_only {
            message.push(Part::Own, "SET SESSION TRANSACTION READ ONLY");
        }
    }

    /// Appends what brings the lock wait on the server to `limits`; nothing when it is so already.
    pub(crate) fn push_limits(&mut self, message: &mut Message, limits: &Limits) {
        let wanted = limits.lock_timeout.unwrap_or(LOCK_WAIT);
        // Whole seconds, from one on; a part of one counts as one.
        let seconds = wanted.as_millis().div_ceil(1000).clamp(1, 31_536_000);
        let seconds = u64::try_from(seconds).unwrap_or(1);
        if seconds != self.lock_wait {
            self.lock_wait = seconds;
            message.push(Part::Own, &lock_wait(seconds));
        }
    }

    /// Sends a message and reads the answer. A connection that broke is dropped, and so is one whose answer nobody
    /// waited for: the next question would get the last one's answer.
    pub(crate) async fn send(
        &mut self,
        message: &Message,
        limits: Option<&Limits>,
        heard: Option<&mut dyn Heard>,
    ) -> Answer {
        let Some(mut conn) = self.conn.take() else {
            return Answer {
                error: Some(std::io::Error::from(std::io::ErrorKind::NotConnected).into()),
                ..Answer::default()
            };
        };
        let answer = send(&mut conn, message, limits, heard, (&self.settings, &self.target)).await;
        let broken = answer.abandoned
            || answer.error.as_ref().is_some_and(|error| {
                error::from_mysql(error, Operation::Execute, &self.target)
                    .kind
                    .ends_session()
            });
        if !broken {
            self.conn = Some(conn);
        }
        answer
    }

    /// Sends a message of our own and gives the rows of what it asked.
    pub(crate) async fn run(&mut self, operation: Operation, message: &Message) -> Result<Vec<Rows>> {
        let answer = self.send(message, None, None).await;
        match self.failure(message, &answer, operation) {
            None => Ok(answer.asked),
            Some((_, error)) => Err(error),
        }
    }

    /// Refuses what the server would not take, and cut the connection for.
    pub(crate) fn check_size(&self, statement: &Statement) -> Result<()> {
        if statement.sql.len() < self.largest {
            return Ok(());
        }
        Err(DriverError::new(
            ErrorKind::Statement,
            Operation::Execute,
            format!(
                "the statement has {} bytes, and the server takes {} at most (max_allowed_packet)",
                statement.sql.len(),
                self.largest
            ),
        ))
    }

    pub(crate) fn largest(&self) -> usize {
        self.largest
    }

    /// Which statement failed, and how.
    pub(crate) fn failure(
        &self,
        message: &Message,
        answer: &Answer,
        operation: Operation,
    ) -> Option<(Option<Statement>, DriverError)> {
        let part = message.part(answer.completed);
        let statement = match part {
            Some(Part::Script(index)) => message.script(index).cloned(),
            _ => None,
        };
        if answer.abandoned {
            return Some((statement, abandoned(operation)));
        }
        let error = answer.error.as_ref()?;
        let operation = match part {
            Some(Part::Script(_)) => Operation::Execute,
            Some(Part::Record) if operation == Operation::Execute => Operation::Record,
            Some(Part::Fence) => Operation::Lock,
            Some(Part::Closing) => Operation::Transaction,
            _ => operation,
        };
        let mut made = error::from_mysql(error, operation, &self.target);
        match (part, error::number(error)) {
            (Some(Part::Fence), Some(error::STALE_FENCE)) => {
                made.kind = ErrorKind::LockLost;
                made.message = "another run holds the lock now".into();
            }
            (Some(Part::Record), Some(error::STALE_FENCE)) => made = Missing::Head.told(&made),
            (Some(Part::Record), Some(error::OUT_OF_RANGE)) => made = Missing::Entry.told(&made),
            // MariaDB does not name the table. No other one of the record has keys that a write chooses and that may be
            // there already.
            (Some(Part::Record), Some(error::KEY_TAKEN)) if operation == Operation::Record => {
                made = Missing::Place.told(&made);
            }
            (Some(Part::Closing), Some(error::NO_SAVEPOINT)) => {
                made.kind = ErrorKind::Statement;
                made.message =
                    "the script ended the transaction that it runs in; what it did before that stays".into();
            }
            _ => {}
        }
        match answer.stop {
            Some(Stop::Asked) if error::is_interrupted(error) => made.kind = ErrorKind::Cancelled,
            Some(Stop::TooLong) if error::is_interrupted(error) => {
                made.kind = ErrorKind::StatementTimeout;
                made.message = "it took longer than it may, and was stopped".into();
            }
            _ => {}
        }
        let shorter = statement
            .as_ref()
            .and_then(|one| error::without_ours(&made.message, one));
        made.position = statement
            .as_ref()
            .and_then(|statement| error::position(&made, statement));
        made.message = error::in_one_line(&shorter.unwrap_or(made.message));
        Some((statement, made))
    }
}

fn lock_wait(seconds: u64) -> String {
    format!("SET SESSION lock_wait_timeout = {seconds}, innodb_lock_wait_timeout = {seconds}")
}

fn abandoned(operation: Operation) -> DriverError {
    DriverError::new(
        ErrorKind::ConnectionLost,
        operation,
        format!(
            "the server did not stop the statement within {} s",
            PATIENCE.as_secs()
        ),
    )
}

#[async_trait]
impl Session for MySqlSession {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn server(&self) -> &ServerInfo {
        &self.server
    }

    async fn execute_step(
        &mut self,
        statement: &Statement,
        notes: &StepNotes<'_>,
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Stepped {
        self.step(statement, notes, limits, heard).await
    }

    async fn refresh(&mut self) -> Result<()> {
        let mut message = Message::new();
        self.reset(&mut message).await?;
        if message.is_empty() {
            return Ok(());
        }
        self.run(Operation::Execute, &message).await.map(drop)
    }

    async fn close(mut self: Box<Self>) -> Result<()> {
        match self.conn.take() {
            Some(conn) => conn.disconnect().await.map_err(|error| {
                let made = error::from_mysql(&error, Operation::Connect, &self.target);
                DriverError {
                    kind: ErrorKind::ConnectionLost,
                    ..made
                }
            }),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for MySqlSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MySqlSession")
            .field("target", &self.target)
            .field("server", &self.server)
            .field("in_transaction", &self.in_transaction)
            .finish_non_exhaustive()
    }
}
