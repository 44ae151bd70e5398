//! One connection: what it is, and the batches that go over it.

use std::fmt;

use async_trait::async_trait;
use dbvc_engine::driver::{Access, Capabilities, Heard, Limits, Rows, ServerInfo, Session, Target};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::record::RecordSql;
use dbvc_engine::sql::Statement;
use tiberius::error::Error;

use crate::connect::{self, Client};
use crate::driver::CAPABILITIES;
use crate::message::{self, SETTINGS, batch, literal};
use crate::notices::PROBE;
use crate::record::DIALECT;
use crate::send::{Answer, Keep, Stop, send};
use crate::{error, statement};

/// How long statements of our own wait for a lock, in milliseconds.
pub(crate) const OWN_WAIT: i64 = 30_000;
/// A lock wait without end, as the server has it.
pub(crate) const ENDLESS: i64 = -1;
/// A lock wait that is set anew before the next statement.
const UNKNOWN: i64 = i64::MIN;

/// One connection to SQL Server or Azure SQL.
pub(crate) struct MsSqlSession {
    /// None once it broke, or a call was dropped before its answer was read.
    pub(crate) client: Option<Client>,
    pub(crate) target: Target,
    pub(crate) record: RecordSql,
    server: ServerInfo,
    capabilities: Capabilities,
    /// The login's language, which says how dates are read.
    language: String,
    /// The lock wait that was set, in milliseconds: [`ENDLESS`], or [`UNKNOWN`] after a failure.
    pub(crate) lock_wait: i64,
    /// What a script may have left.
    pub(crate) left: Left,
    /// A script asked for the plans of what it runs.
    shows_plans: bool,
    /// A transaction of ours is open.
    pub(crate) in_transaction: bool,
    /// This session has the native lock that proves that the keeper lives.
    pub(crate) proven: bool,
}

/// What a script may have left in its session.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Left {
    /// None ran.
    Nothing,
    /// Settings, which can be set back.
    Settings,
    /// What only the session's end removes: a temporary table, a cursor, another user's rights.
    More,
}

/// Opens a connection and readies it.
pub(crate) async fn open(target: &Target) -> Result<Box<dyn Session>> {
    let connected = connect::open(target).await?;
    let session = MsSqlSession::over(connected.client, target).await?;
    Ok(Box::new(session))
}

impl MsSqlSession {
    /// A session on a connection that has just been made.
    pub(crate) async fn over(client: Client, target: &Target) -> Result<Self> {
        let mut session = Self {
            client: Some(client),
            record: RecordSql::new(DIALECT, target.record.clone()),
            target: target.clone(),
            server: ServerInfo::default(),
            capabilities: CAPABILITIES,
            language: String::new(),
            lock_wait: OWN_WAIT,
            left: Left::Nothing,
            shows_plans: false,
            in_transaction: false,
            proven: false,
        };
        session.greet().await?;
        Ok(session)
    }

    /// Sets what every session needs, and asks who answers.
    async fn greet(&mut self) -> Result<()> {
        let sql = batch(&[
            format!("PRINT {}", literal(PROBE)).as_str(),
            SETTINGS,
            &message::lock_timeout(OWN_WAIT),
            "SELECT CONVERT(nvarchar(128), SERVERPROPERTY('ProductVersion')), DB_NAME(), ORIGINAL_LOGIN(), @@LANGUAGE, \
             CONVERT(int, SERVERPROPERTY('EngineEdition'))",
        ]);
        let answers = self.run(Operation::Connect, &sql).await?;
        let row = answers.first().and_then(|rows| rows.cells.first());
        let cell = |at: usize| {
            row.and_then(|row| row.get(at).cloned().flatten())
                .unwrap_or_default()
        };
        self.server = ServerInfo {
            product: product_of(&cell(4)).into(),
            version: cell(0),
            database: cell(1),
            login: cell(2),
            features: Vec::new(),
        };
        self.language = cell(3);
        check_version(&cell(0), &cell(4))
    }

    /// The database that the session was opened in.
    pub(crate) fn database(&self) -> &str {
        &self.server.database
    }

    /// What stands before our own statements where a script has run.
    pub(crate) fn unhindered(&self) -> String {
        let sql = message::unhindered(self.database());
        if self.shows_plans {
            return format!("{sql}; {}", message::NO_PLANS);
        }
        sql
    }

    /// Undoes what earlier scripts left behind, so that a migration does the same whatever ran before it. Gives what is
    /// still to be sent, in front of something or alone; nothing when there is nothing.
    ///
    /// A session that proves the lock is kept as it is, but for its settings.
    pub(crate) async fn reset(&mut self) -> Result<Option<String>> {
        let left = std::mem::replace(&mut self.left, Left::Nothing);
        if left == Left::More && !self.proven {
            let connected = connect::open(&self.target).await?;
            // The old one ends with its connection.
            self.client = Some(connected.client);
            self.lock_wait = OWN_WAIT;
            self.shows_plans = false;
            self.greet().await?;
            return Ok(None);
        }
        if left == Left::Nothing {
            return Ok(None);
        }
        let mut statements = vec![self.unhindered(), SETTINGS.to_owned()];
        if !self.language.is_empty() {
            // It brings the order of a date's parts and the week's first day along (reference, "SET LANGUAGE").
            statements.push(format!("SET LANGUAGE {}", literal(&self.language)));
        }
        Ok(Some(statements.join("; ")))
    }

    /// What brings the lock wait on the server to `limits`; nothing when it is so already.
    pub(crate) fn limit(&mut self, limits: &Limits) -> Option<String> {
        let wanted = limits.lock_timeout.map_or(ENDLESS, |wait| {
            // None would be no wait at all.
            i64::try_from(wait.as_millis().max(1)).unwrap_or(i64::MAX)
        });
        self.wait_for_locks(wanted)
    }

    /// What brings the lock wait on the server to so many milliseconds; nothing when it is so already.
    pub(crate) fn wait_for_locks(&mut self, wanted: i64) -> Option<String> {
        (self.lock_wait != wanted).then(|| {
            self.lock_wait = wanted;
            message::lock_timeout(wanted)
        })
    }

    /// Notes what a batch of a script may leave behind.
    pub(crate) fn ran(&mut self, statement: &Statement) {
        let left = if statement::leaves_in_session(&statement.sql).is_some()
            || statement::sets_for_good(&statement.sql)
        {
            Left::More
        } else {
            Left::Settings
        };
        self.left = self.left.max(left);
        self.shows_plans |= statement::shows_plans(&statement.sql);
    }

    /// Sends a batch and reads the answer. A connection that broke is dropped, and so is one whose answer nobody waited
    /// for: the next question would get the last one's answer.
    pub(crate) async fn send(
        &mut self,
        sql: &str,
        keep: Keep,
        limits: Option<&Limits>,
        heard: Option<&mut dyn Heard>,
    ) -> Answer {
        let Some(mut client) = self.client.take() else {
            let gone = Error::Io {
                kind: tiberius::error::IoErrorKind::NotConnected,
                message: "the connection is gone".into(),
            };
            return Answer {
                error: Some(gone),
                ..Answer::default()
            };
        };
        let answer = send(&mut client, sql, keep, limits, heard).await;
        if answer.error.is_some() || answer.stop.is_some() {
            // What was to be set may not have been.
            self.lock_wait = UNKNOWN;
        }
        let broken = answer.abandoned
            || answer.error.as_ref().is_some_and(|error| {
                error::from_tiberius(error, Operation::Execute, &self.target)
                    .kind
                    .ends_session()
            });
        if !broken {
            self.client = Some(client);
        }
        answer
    }

    /// Sends a batch of our own and gives the rows of what it asked.
    pub(crate) async fn run(&mut self, operation: Operation, sql: &str) -> Result<Vec<Rows>> {
        let answer = self.send(sql, Keep::Rows, None, None).await;
        match self.failure(&answer, operation, None) {
            None => Ok(answer.asked),
            Some(error) => Err(error),
        }
    }

    /// How a batch failed, if it did.
    pub(crate) fn failure(
        &self,
        answer: &Answer,
        operation: Operation,
        statement: Option<&Statement>,
    ) -> Option<DriverError> {
        if answer.abandoned {
            let words = "the server did not stop the batch in time; the connection was closed";
            return Some(DriverError::new(ErrorKind::ConnectionLost, operation, words));
        }
        match answer.stop {
            Some(Stop::Asked) => {
                return Some(DriverError::new(ErrorKind::Cancelled, operation, "stopped"));
            }
            Some(Stop::TooLong) => {
                let words = "it took longer than it may, and was stopped";
                return Some(DriverError::new(ErrorKind::StatementTimeout, operation, words));
            }
            None => {}
        }
        let first = answer.error.as_ref()?;
        let operation = match error::number(first) {
            Some(error::STALE_FENCE) => Operation::Lock,
            Some(error::NOT_OUR_TRANSACTION) => Operation::Transaction,
            _ => operation,
        };
        let mut made = error::from_tiberius(first, operation, &self.target);
        made.position = statement.and_then(|statement| error::position(first, statement));
        for (number, words) in answer.errors.iter().skip(1) {
            let number = number.map_or_else(String::new, |number| format!(" ({number})"));
            let words = error::in_one_line(&self.target.redact(words));
            made.notes.push(format!("then: {words}{number}"));
        }
        Some(made)
    }

    pub(crate) fn check_access(&self, operation: Operation) -> Result<()> {
        if self.target.access == Access::ReadOnly {
            return Err(DriverError::new(
                ErrorKind::Denied,
                operation,
                "this session was opened to read only",
            ));
        }
        Ok(())
    }
}

/// What answers, by `SERVERPROPERTY('EngineEdition')`.
fn product_of(edition: &str) -> &'static str {
    match edition {
        "5" => "Azure SQL Database",
        "12" => "SQL database in Microsoft Fabric",
        "8" => "Azure SQL Managed Instance",
        _ => "SQL Server",
    }
}

/// Whether a database is all that a connection gets of the server.
pub(crate) fn is_database_service(product: &str) -> bool {
    [product_of("5"), product_of("12")].contains(&product)
}

/// The oldest that has what the record's SQL needs (UTF-8 collations, for the audit trail's digests) is SQL Server 2019.
/// Azure's services are always newer, whatever they call themselves.
fn check_version(version: &str, edition: &str) -> Result<()> {
    if matches!(edition, "6" | "11") {
        return Err(DriverError::unsupported(
            Operation::Connect,
            "this is Azure Synapse, which has no locks, keys and transactions as dbvc needs them",
        ));
    }
    let major: Option<u32> = version.split('.').next().and_then(|major| major.parse().ok());
    if matches!(edition, "1" | "2" | "3" | "4") && major.is_some_and(|major| major < 15) {
        return Err(DriverError::unsupported(
            Operation::Connect,
            format!("this server is version {version}; dbvc needs SQL Server 2019 (15.0) or newer"),
        ));
    }
    Ok(())
}

#[async_trait]
impl Session for MsSqlSession {
    fn capabilities(&self) -> &Capabilities {
        &self.capabilities
    }

    fn server(&self) -> &ServerInfo {
        &self.server
    }

    async fn refresh(&mut self) -> Result<()> {
        match self.reset().await? {
            Some(sql) => self.run(Operation::Execute, &sql).await.map(drop),
            None => Ok(()),
        }
    }

    async fn close(mut self: Box<Self>) -> Result<()> {
        match self.client.take() {
            Some(client) => client.close().await.map_err(|error| DriverError {
                kind: ErrorKind::ConnectionLost,
                ..error::from_tiberius(&error, Operation::Connect, &self.target)
            }),
            None => Ok(()),
        }
    }
}

impl fmt::Debug for MsSqlSession {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MsSqlSession")
            .field("target", &self.target)
            .field("server", &self.server)
            .field("in_transaction", &self.in_transaction)
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_server_that_is_too_old_is_refused_and_azure_never() {
        assert!(check_version("14.0.3456.2", "3").is_err());
        assert!(check_version("15.0.4430.1", "3").is_ok());
        assert!(check_version("12.0.2000.8", "5").is_ok());
        assert!(check_version("12.0.2000.8", "12").is_ok());
        assert!(check_version("10.0.13845.0", "6").is_err());
        assert!(check_version("", "").is_ok());
    }

    #[test]
    fn what_answers_has_its_own_name() {
        assert_eq!(product_of("5"), "Azure SQL Database");
        assert_eq!(product_of("3"), "SQL Server");
    }
}
