//! What a server, at this version and for this user, can do.

use serde::{Deserialize, Serialize};

/// What becomes of schema changes when their transaction ends badly.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum DdlRollback {
    /// Schema changes roll back with their transaction.
    Transaction,
    /// Each schema change is atomic by itself and commits at once.
    Statement,
    /// A broken-off schema change may leave anything.
    None,
}

/// What proves that a lock's holder is alive.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum LockKind {
    /// The server knows the holder's session (advisory lock, `GET_LOCK`, `sp_getapplock`).
    Session,
    /// Only the lease's end tells.
    Lease,
    /// The operating system's file lock; it ends with the process, so no lease is renewed.
    File,
}

/// What a session can do. Written as `Capabilities { …, ..Capabilities::NONE }`. A field is named for what is
/// possible, so that `false` is always the careful answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[allow(clippy::struct_excessive_bools, reason = "each is one independent ability")]
pub struct Capabilities {
    /// What becomes of schema changes in a transaction that rolls back.
    pub ddl: DdlRollback,
    /// What proves that a lock's holder is alive.
    pub lock: LockKind,
    /// A fence can be pinned by a transaction, so that no take-over happens while it is open.
    pub fenced_transactions: bool,
    /// A running statement can be stopped.
    pub cancel: bool,
    /// The server ends a statement that runs longer than asked.
    pub statement_timeout: bool,
    /// The server gives up waiting for a lock after the time asked.
    pub lock_timeout: bool,
    /// Errors carry a place inside the statement.
    pub error_position: bool,
    /// `COPY … FROM STDIN` rows inside a script are loaded.
    pub copy_rows: bool,
    /// The database has schemas.
    pub schemas: bool,
    /// The catalogue can be asked whether a broken-off statement took effect.
    pub resolve: bool,
    /// A statement outside a transaction that only changes data is committed together with the note that it is done, so
    /// that after a break both are there or neither.
    pub step_with_note: bool,
    /// The longest identifier in bytes.
    pub max_identifier: Option<u16>,
}

impl Capabilities {
    /// Nothing at all.
    pub const NONE: Self = Self {
        ddl: DdlRollback::None,
        lock: LockKind::Lease,
        fenced_transactions: false,
        cancel: false,
        statement_timeout: false,
        lock_timeout: false,
        error_position: false,
        copy_rows: false,
        schemas: false,
        resolve: false,
        step_with_note: false,
        max_identifier: None,
    };
}
