//! One connection.

use std::time::Duration;

use async_trait::async_trait;
use dbvc_engine::driver::{Capabilities, ServerInfo, Session, Target};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::record::RecordSql;
use sqlx::sqlite::SqliteConnection;
use tokio_util::sync::CancellationToken;

use crate::connect::{Settings, drop_connection};
use crate::driver::CAPABILITIES;
use crate::limit::Watch;
use crate::lock::FileLock;
use crate::record::DIALECT;
use crate::transaction::{Guard, Patience};

/// A connection to one SQLite file.
#[allow(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own about the connection"
)]
#[derive(Debug)]
pub(crate) struct SqliteSession {
    pub(crate) connection: SqliteConnection,
    pub(crate) settings: Settings,
    pub(crate) record: RecordSql,
    /// Whether a transaction of ours is open.
    pub(crate) in_transaction: bool,
    /// Whether an empty database in memory stands in for a file that does not exist yet.
    pub(crate) stands_in: bool,
    /// What keeps a script from ending that transaction.
    pub(crate) guard: Guard,
    /// What SQLite looks at while a statement runs.
    pub(crate) watch: Watch,
    /// Whether this connection has its hooks.
    pub(crate) hooked: bool,
    /// How long to wait for other writers.
    pub(crate) patience: Patience,
    /// How long the connection waits by itself.
    pub(crate) busy_timeout: Duration,
    /// The operating system's lock, while this session holds it.
    pub(crate) lock: Option<FileLock>,
    server: ServerInfo,
}

impl SqliteSession {
    pub(crate) fn new(
        connection: SqliteConnection,
        settings: Settings,
        target: &Target,
        stands_in: bool,
    ) -> Self {
        let server = ServerInfo {
            product: "SQLite".into(),
            version: String::new(),
            database: target.database_name(),
            login: String::new(),
            features: Vec::new(),
        };
        let record = RecordSql::new(DIALECT, target.record.clone());
        let patience = Patience {
            longest: settings.busy_timeout,
            cancel: CancellationToken::new(),
        };
        Self {
            connection,
            settings,
            guard: Guard::default(),
            watch: Watch::default(),
            hooked: false,
            busy_timeout: patience.longest,
            patience,
            record,
            in_transaction: false,
            stands_in,
            lock: None,
            server,
        }
    }

    /// Asks for the version and looks at the file, so that one that is no database is found out here.
    pub(crate) async fn greet(&mut self) -> Result<()> {
        let sql = "SELECT sqlite_version(), (SELECT count(*) FROM sqlite_schema)";
        let rows = self.read(sql, Operation::Connect).await?;
        let version = rows.cells.first().and_then(|row| row.first().cloned().flatten());
        self.server.version = version.unwrap_or_default();
        Ok(())
    }

    /// Makes the file, now that something will be written to it.
    pub(crate) async fn make_file(&mut self) -> Result<()> {
        if self.settings.read_only {
            return Err(DriverError::new(
                ErrorKind::Denied,
                Operation::Connect,
                format!("{} was opened for reading only", self.settings.file.display()),
            ));
        }
        self.leave(self.stands_in).await
    }

    /// Turns to the file, if another session made it since this one connected.
    pub(crate) async fn catch_up(&mut self) -> Result<()> {
        self.leave(self.stands_in && self.settings.file.exists()).await
    }

    /// Turns to a new connection.
    async fn leave(&mut self, now: bool) -> Result<()> {
        if now {
            let made = self.settings.open().await?;
            drop_connection(std::mem::replace(&mut self.connection, made)).await;
            self.stands_in = false;
            self.hooked = false;
            self.busy_timeout = self.settings.busy_timeout;
        }
        Ok(())
    }
}

#[async_trait]
impl Session for SqliteSession {
    fn capabilities(&self) -> &Capabilities {
        &CAPABILITIES
    }

    fn server(&self) -> &ServerInfo {
        &self.server
    }

    /// What `PRAGMA` set, what was attached and what is temporary belongs to the connection.
    async fn refresh(&mut self) -> Result<()> {
        self.leave(!self.stands_in).await
    }

    async fn close(self: Box<Self>) -> Result<()> {
        let Self { connection, lock, .. } = *self;
        drop_connection(connection).await;
        drop(lock);
        Ok(())
    }
}
