//! What an adapter says when something goes wrong: a kind, a code and a place. Sentences for people are made elsewhere.

use std::fmt;

use serde::{Deserialize, Serialize};

/// The kinds of failure that the engine tells apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum ErrorKind {
    /// The server could not be reached, or the connection was refused.
    Unreachable,
    /// The server answered and refused the credentials.
    Unauthenticated,
    /// The named database does not exist.
    NoSuchDatabase,
    /// TLS could not be agreed on, or the certificate was refused.
    Tls,
    /// The connection broke after it had been made; what was under way may or may not have happened.
    ConnectionLost,
    /// The login may not do this.
    Denied,
    /// The statement is wrong: syntax, an unknown name, a violated constraint.
    Statement,
    /// A lock in the database could not be had within the limit.
    LockTimeout,
    /// The statement ran longer than its limit.
    StatementTimeout,
    /// Deadlock or serialization failure; the transaction was rolled back and may succeed next time.
    Conflict,
    /// Someone asked for it to stop.
    Cancelled,
    /// The fence is stale: another runner holds the lock now.
    LockLost,
    /// The server is out of disk, memory or connections, or is starting or stopping.
    Resources,
    /// The record's tables are not there.
    NotInstalled,
    /// What the audit trail hangs on is not in the record as it should be: its head or the entry that an event tells
    /// of is gone, or a row stands behind the head.
    TrailBroken,
    /// This adapter, server or session cannot do that.
    Unsupported,
    /// The adapter met an answer that it does not understand.
    Protocol,
}

impl ErrorKind {
    /// Whether the same call may succeed if it is made again a moment later, nothing having happened. A full disk does not
    /// become empty in a moment.
    pub fn is_retryable(self) -> bool {
        matches!(self, Self::LockTimeout | Self::Conflict)
    }

    /// Whether the session can no longer be used.
    pub fn ends_session(self) -> bool {
        matches!(self, Self::ConnectionLost | Self::Protocol)
    }
}

/// A place inside a statement, in the server's own unit.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Position {
    /// 0-based byte.
    Byte(u32),
    /// 0-based character.
    Char(u32),
    /// 1-based line.
    Line(u32),
}

/// What an adapter was doing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Operation {
    /// Opening a connection.
    Connect,
    /// Reading the record or the server's facts.
    Survey,
    /// Creating or upgrading the record's tables.
    Install,
    /// Taking, renewing or giving back the lock.
    Lock,
    /// Running a migration's statements.
    Execute,
    /// Writing to the history.
    Record,
    /// Committing or rolling back.
    Transaction,
    /// Reading the catalogue or data.
    Query,
}

/// A failure in an adapter.
#[derive(Debug, Clone, Serialize, Deserialize, thiserror::Error)]
pub struct DriverError {
    /// What kind of failure it is.
    pub kind: ErrorKind,
    /// What was being done.
    pub operation: Operation,
    /// The server's or the client library's own words, secrets removed.
    pub message: String,
    /// The server's code: SQLSTATE, error number.
    pub code: Option<String>,
    /// Where in the statement.
    pub position: Option<Position>,
    /// The server's further words: detail, hint, the table or the constraint, the line in a routine.
    pub notes: Vec<String>,
}

impl DriverError {
    /// A failure with no code and no place.
    pub fn new(kind: ErrorKind, operation: Operation, message: impl Into<String>) -> Self {
        Self {
            kind,
            operation,
            message: message.into(),
            code: None,
            position: None,
            notes: Vec::new(),
        }
    }

    /// The same with the server's code.
    #[must_use]
    pub fn with_code(mut self, code: impl Into<String>) -> Self {
        self.code = Some(code.into());
        self
    }

    /// The same with a place in the statement.
    #[must_use]
    pub fn with_position(mut self, position: Position) -> Self {
        self.position = Some(position);
        self
    }

    /// The same with one more note.
    #[must_use]
    pub fn with_note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// Something that this adapter cannot do.
    pub fn unsupported(operation: Operation, message: impl Into<String>) -> Self {
        Self::new(ErrorKind::Unsupported, operation, message)
    }
}

impl fmt::Display for DriverError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.message)?;
        match &self.code {
            Some(code) => write!(f, " ({code})"),
            None => Ok(()),
        }
    }
}

/// The result of a call into an adapter.
pub type Result<T, E = DriverError> = std::result::Result<T, E>;
