//! The record in SQLite's ways.

use async_trait::async_trait;
use dbvc_engine::driver::{Fence, Rows, Survey};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::record::{RecordDialect, RecordGrammar, RecordSql, SqlRecord, quote_standard};

use crate::session::SqliteSession;

/// Times are ISO 8601 texts in UTC with milliseconds, so that they sort and people can read them.
pub(crate) const DIALECT: RecordDialect = RecordDialect {
    schemas: false,
    literal: quote_standard,
    now: "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
    begun: "strftime('%Y-%m-%dT%H:%M:%fZ', 'now')",
    iso: |time| time.to_owned(),
    moved: |time, millis| {
        // The clock's own resolution is a millisecond; SQLite moves by seconds with a fraction.
        let (sign, size) = if millis < 0 {
            ('-', millis.unsigned_abs())
        } else {
            ('+', millis.unsigned_abs())
        };
        format!(
            "strftime('%Y-%m-%dT%H:%M:%fZ', {time}, '{sign}{}.{:03} seconds')",
            size / 1000,
            size % 1000
        )
    },
    millis: |from, to| format!("CAST(round((julianday({to}) - julianday({from})) * 86400000.0) AS INTEGER)"),
    session: "NULL",
    login: None,
    alive: |_, _| "NULL".to_owned(),
    rank_type: "INTEGER PRIMARY KEY AUTOINCREMENT",
    time_type: "text",
    // It has no digests, so this side makes them.
    sha256: None,
    json: |text| format!("json_quote({text})"),
    grammar: RecordGrammar::STANDARD,
};

impl SqliteSession {
    /// Whether `fence` is the newest; asked inside the writing transaction, so that no one can move it meanwhile.
    pub(crate) async fn check_fence(&mut self, fence: &Fence) -> Result<()> {
        let sql = self.record.token(&fence.lock);
        let rows = self.read(&sql, Operation::Lock).await.map_err(not_installed)?;
        self.is_newest(fence, rows)
    }

    /// The same with what was read.
    pub(crate) fn is_newest(&self, fence: &Fence, rows: Rows) -> Result<()> {
        let token = self.record.read_token(&[rows])?;
        if token == Some(fence.token) {
            return Ok(());
        }
        Err(DriverError::new(
            ErrorKind::LockLost,
            Operation::Lock,
            "another run has the lock now",
        ))
    }
}

impl SqliteSession {
    /// Runs statements inside the open transaction, and seals the events that they append to the audit trail.
    async fn write_sealed(&mut self, statements: &[String], operation: Operation) -> Result<Vec<Rows>> {
        let mut asked = statements.to_vec();
        asked.push(self.record.unsealed());
        let mut answers = self.read_each(&asked, operation).await?;
        // A chain that has begun already is not begun again when the record is made.
        let must = if operation == Operation::Install {
            &[]
        } else {
            statements
        };
        let seals = self.record.seal(must, &answers.pop().unwrap_or_default())?;
        if !seals.is_empty() {
            self.read_each(&seals, operation).await?;
        }
        Ok(answers)
    }
}

/// A table of the record that is not there means that there is no record.
pub(crate) fn not_installed(error: DriverError) -> DriverError {
    if error.message.starts_with("no such table") {
        return DriverError {
            kind: ErrorKind::NotInstalled,
            ..error
        };
    }
    error
}

#[async_trait]
impl SqlRecord for SqliteSession {
    fn record_sql(&self) -> &RecordSql {
        &self.record
    }

    async fn read_record(&mut self, statements: &[String], operation: Operation) -> Result<Vec<Rows>> {
        self.catch_up().await?;
        self.read_each(statements, operation).await.map_err(not_installed)
    }

    async fn read_at_once(&mut self, statements: &[String], operation: Operation) -> Result<Vec<Rows>> {
        if self.in_transaction {
            return self.read_record(statements, operation).await;
        }
        self.catch_up().await?;
        // A reader sees one state of the file from its first read to its end (`sqlite.org/isolation.html`).
        let mut parts = vec!["BEGIN".to_owned()];
        parts.extend_from_slice(statements);
        parts.push("COMMIT".to_owned());
        let read = self.read_each(&parts, operation).await.map_err(not_installed);
        if read.is_err() {
            let _ = self.read_each(&["ROLLBACK".to_owned()], operation).await;
        }
        read
    }

    async fn write_record(&mut self, fence: &Fence, statements: &[String]) -> Result<Vec<Rows>> {
        if self.in_transaction {
            // The fence was checked when the transaction began, and nobody else can have moved it since.
            self.check_open()?;
            return self.write_sealed(statements, Operation::Record).await;
        }
        self.make_file().await?;
        self.begin_fenced(fence).await?;
        let written = self.write_sealed(statements, Operation::Record).await;
        self.end(written).await
    }

    async fn install_record(&mut self, statements: &[String]) -> Result<()> {
        self.make_file().await?;
        self.begin_immediate().await?;
        let made = self.write_sealed(statements, Operation::Install).await;
        match self.end(made).await {
            // Another session made the views or columns between our look and our transaction.
            Err(error)
                if error.message.ends_with("already exists")
                    || error.message.starts_with("duplicate column name") =>
            {
                Err(DriverError {
                    kind: ErrorKind::Conflict,
                    ..error
                })
            }
            other => other.map(drop),
        }
    }

    fn complete(&self, survey: &mut Survey) {
        if let Some(holder) = &mut survey.holder {
            holder.alive = Some(self.lock_is_held());
        }
    }
}
