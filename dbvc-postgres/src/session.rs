//! One connection: what it is, and the messages that go over it.

use std::fmt;
use std::time::Duration;

use async_trait::async_trait;
use dbvc_engine::driver::{Capabilities, Heard, Limits, LockKind, Rows, ServerInfo, Session, Target};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::record::RecordSql;
use sqlx::Connection;
use sqlx::postgres::PgConnection;
use tokio_util::sync::CancellationToken;

use crate::connect::{MARK, Settings};
use crate::driver::CAPABILITIES;
use crate::introspect::Kept;
use crate::message::{Message, Part};
use crate::record::{DIALECT, literal};
use crate::send::{Answer, WHO_SERVES, Wire, send};

/// Limits that were set on the server.
pub(crate) type SetLimits = (Option<Duration>, Option<Duration>);

/// One connection to PostgreSQL.
pub(crate) struct PostgresSession {
    /// None once it broke, or a call was dropped before its answer was read.
    pub(crate) connection: Option<PgConnection>,
    pub(crate) settings: Settings,
    pub(crate) target: Target,
    pub(crate) record: RecordSql,
    server: ServerInfo,
    version: Option<u32>,
    capabilities: Capabilities,
    /// The server's process, as far as it is known.
    pub(crate) backend: Option<i32>,
    /// See [`crate::connect::MARK`].
    mark: Option<String>,
    /// What was set for the session.
    pub(crate) set_limits: SetLimits,
    /// Whether a script ran in it since it was opened or refreshed.
    pub(crate) used: bool,
    /// What was set for the open transaction, if there is one.
    pub(crate) transaction: Option<SetLimits>,
    /// The server's process in which this session took the advisory lock.
    pub(crate) proof: Option<i32>,
    /// What the server keeps of the catalogue's queries.
    pub(crate) kept: Kept,
    /// The objects of the schema when it was read last.
    pub(crate) objects: usize,
}

impl PostgresSession {
    pub(crate) async fn open(target: &Target, mut settings: Settings) -> Result<Self> {
        let opened = settings.open(target).await?;
        let (database, login) = settings.names();
        Ok(Self {
            version: opened.connection.server_version_num(),
            server: ServerInfo {
                product: "PostgreSQL".into(),
                version: version(opened.connection.server_version_num()),
                database,
                login,
                features: Vec::new(),
            },
            capabilities: Capabilities {
                lock: if opened.mark.is_some() {
                    LockKind::Session
                } else {
                    LockKind::Lease
                },
                ..CAPABILITIES
            },
            connection: Some(opened.connection),
            settings,
            target: target.clone(),
            record: RecordSql::new(DIALECT, target.record.clone()),
            backend: None,
            mark: opened.mark,
            set_limits: (None, None),
            used: false,
            transaction: None,
            proof: None,
            kept: Kept::default(),
            objects: 0,
        })
    }

    /// An expression: whether a pooler is between us and the server.
    pub(crate) fn pooled(&self) -> String {
        match &self.mark {
            Some(mark) => format!("current_setting('{MARK}', true) IS DISTINCT FROM '{mark}'"),
            None => "true".into(),
        }
    }

    /// Whether a pooler is known to be between us and the server.
    pub(crate) fn is_pooled(&self) -> bool {
        self.mark.is_none()
    }

    /// Behind a pooler the next transaction may be served by another process, and this one serve somebody else: to stop
    /// it would stop their work.
    pub(crate) fn forget_pooled_backend(&mut self) {
        if self.mark.is_none() {
            self.backend = None;
        }
    }

    /// Refuses to write where the server could not be told that this session only reads.
    pub(crate) fn check_access(&self, operation: Operation) -> Result<()> {
        if self.settings.must_refuse_writes() {
            return Err(DriverError::new(
                ErrorKind::Denied,
                operation,
                "this session was opened to read only",
            ));
        }
        Ok(())
    }

    /// The database and the login.
    pub(crate) fn server_names(&self) -> (&str, &str) {
        (&self.server.database, &self.server.login)
    }

    /// Whether the server has this version at least, `150018` for 15.18.
    pub(crate) fn is_at_least(&self, version: u32) -> bool {
        self.version.is_some_and(|number| number >= version)
    }

    /// A message that also asks for the server's process, while that is unknown.
    pub(crate) fn message(&self) -> Message {
        let mut message = Message::new();
        if self.backend.is_none() {
            message.push(Part::Backend, WHO_SERVES);
        }
        message
    }

    /// Sends a message and reads the answer. A connection that broke is dropped, and so is one whose answer nobody
    /// waited for.
    pub(crate) async fn send(
        &mut self,
        message: &mut Message,
        cancel: Option<&CancellationToken>,
        heard: Option<&mut dyn Heard>,
    ) -> Answer {
        let Some(mut connection) = self.connection.take() else {
            return Answer {
                error: Some(sqlx::Error::Io(std::io::ErrorKind::NotConnected.into())),
                ..Answer::default()
            };
        };
        let wire = Wire {
            connection: &mut connection,
            backend: &mut self.backend,
            settings: &self.settings,
            target: &self.target,
            lock_timeout: self.transaction.unwrap_or(self.set_limits).1,
        };
        let answer = send(wire, message, cancel, heard).await;
        let failure = answer.failure(Operation::Execute, &self.target);
        if !failure.is_some_and(|error| error.kind.ends_session()) {
            self.connection = Some(connection);
        }
        if self.transaction.is_none() {
            self.forget_pooled_backend();
        }
        answer
    }

    /// Sends a message of our own and gives the rows of what it asked. Without a transaction around it, the whole
    /// message is one: all of it happens or nothing (manual, 55.2.2.1 "Multiple Statements in a Simple Query").
    pub(crate) async fn run(&mut self, operation: Operation, message: &mut Message) -> Result<Vec<Rows>> {
        let answer = self.send(message, None, None).await;
        match answer.failure(operation, &self.target) {
            None => Ok(answer.asked),
            Some(error) => Err(error),
        }
    }

    /// Reads, in one message; the server refuses writes.
    pub(crate) async fn read(&mut self, operation: Operation, queries: &[&str]) -> Result<Vec<Rows>> {
        let mut message = self.reading();
        for query in queries {
            message.push(Part::Asked, query);
        }
        self.run(operation, &mut message).await
    }

    /// A message for reads. Nothing is left behind by the first statement: it ends with the message's transaction.
    pub(crate) fn reading(&self) -> Message {
        let mut message = self.message();
        if self.transaction.is_none() {
            message.push(Part::Own, "SET LOCAL transaction_read_only = on");
        }
        message
    }

    /// The statements that bring the limits on the server to `limits`; none when they are so already. Behind a pooler
    /// there are none outside a transaction: what is set for a session there stays behind for others.
    pub(crate) fn limit_statements(&mut self, limits: &Limits) -> Vec<String> {
        if self.mark.is_none() && self.transaction.is_none() {
            return Vec::new();
        }
        let own = format!("NOT ({})", self.pooled());
        let wanted = (limits.statement_timeout, limits.lock_timeout);
        let (scope, place) = match &mut self.transaction {
            Some(limits) => ("LOCAL", limits),
            None => ("SESSION", &mut self.set_limits),
        };
        let set = std::mem::replace(place, wanted);
        let mut statements = Vec::new();
        for (name, wanted, set) in [
            ("statement_timeout", wanted.0, set.0),
            ("lock_timeout", wanted.1, set.1),
        ] {
            if wanted != set {
                let value = wanted.map_or_else(|| "DEFAULT".into(), milliseconds);
                let set = format!("SET {scope} {name} = {value}");
                statements.push(match scope {
                    "LOCAL" => set,
                    // A pooler may have taken the mark and not passed it on; then the session is not ours either.
                    _ => format!(
                        "DO {}",
                        literal(&format!("BEGIN IF {own} THEN {set}; END IF; END"))
                    ),
                });
            }
        }
        statements
    }
}

/// A limit as the server reads it. Zero would mean none, so the least is one.
pub(crate) fn milliseconds(limit: Duration) -> String {
    limit.as_millis().clamp(1, i32::MAX as u128).to_string()
}

/// `150018` is 15.18 (manual, 34.2, `PQserverVersion`).
fn version(number: Option<u32>) -> String {
    match number {
        None => String::new(),
        Some(number) if number >= 100_000 => format!("{}.{}", number / 10_000, number % 10_000),
        Some(number) => format!("{}.{}.{}", number / 10_000, number / 100 % 100, number % 100),
    }
}

#[async_trait]
impl Session for PostgresSession {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn server(&self) -> &ServerInfo {
        &self.server
    }

    /// As `RESET ALL` before each transactional script does; after that a script may have become somebody else too.
    async fn refresh(&mut self) -> Result<()> {
        if !self.used {
            return Ok(());
        }
        let mut message = self.message();
        for reset in ["RESET SESSION AUTHORIZATION", "RESET ALL", "RESET ROLE"] {
            message.push(Part::Own, reset);
        }
        self.set_limits = (None, None);
        self.run(Operation::Execute, &mut message).await?;
        self.used = false;
        Ok(())
    }

    async fn close(mut self: Box<Self>) -> Result<()> {
        match self.connection.take() {
            Some(connection) => connection.close().await.map_err(|error| {
                DriverError::new(ErrorKind::ConnectionLost, Operation::Connect, error.to_string())
            }),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for PostgresSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresSession")
            .field("target", &self.target)
            .field("server", &self.server)
            .field("backend", &self.backend)
            .field("in_transaction", &self.transaction.is_some())
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_version_number_is_written_as_people_do() {
        assert_eq!(version(Some(150_018)), "15.18");
        assert_eq!(version(Some(90_624)), "9.6.24");
        assert_eq!(version(None), "");
    }

    #[test]
    fn a_limit_is_never_sent_as_none() {
        assert_eq!(milliseconds(Duration::from_micros(10)), "1");
        assert_eq!(milliseconds(Duration::from_secs(2)), "2000");
    }
}
