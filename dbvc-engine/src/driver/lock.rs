//! The lock's single steps. Waiting, backing off and renewing are the engine's.

use std::time::Duration;

use async_trait::async_trait;
use jiff::Timestamp;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::Actor;
use crate::error::Result;

/// A number that grows each time the lock changes hands. Whoever shows an old one may not write.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Fence {
    /// The lock's name.
    pub lock: String,
    /// The number.
    pub token: u64,
}

/// Who asks for the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LockOwner {
    /// The run.
    pub run: Uuid,
    /// Who runs it.
    pub actor: Actor,
    /// The process on that machine.
    pub pid: u32,
    /// What it is doing, such as `migrate`.
    pub purpose: String,
}

/// One try for the lock.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LockRequest {
    /// The lock's name; one per database that dbvc keeps.
    pub name: String,
    /// Who asks.
    pub owner: LockOwner,
    /// How long the lease lasts without being renewed.
    pub ttl: Duration,
}

/// The lock, held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// The number to show with every write.
    pub fence: Fence,
    /// The run that holds it.
    pub run: Uuid,
    /// How long the lease lasts without being renewed.
    pub ttl: Duration,
    /// Whether the server can tell that this holder is alive.
    pub proven: bool,
    /// Whose dead lock this was.
    pub taken_from: Option<Holder>,
}

/// Who holds the lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The holder.
    pub owner: LockOwner,
    /// The fence's number under this holder.
    pub token: u64,
    /// Since when, by the server's clock.
    pub acquired_at: Timestamp,
    /// The lease's end, by the server's clock; none where the lock ends with the process.
    pub expires_at: Option<Timestamp>,
    /// Whether the lease has ended, by the server's clock.
    pub expired: bool,
    /// Whether the holder's session lives, where the server can tell.
    pub alive: Option<bool>,
}

impl Holder {
    /// Whether it is alive: its session or process is, or nobody can tell and its lease has not ended.
    pub fn lives(&self) -> bool {
        self.alive.unwrap_or(!self.expired)
    }
}

/// What came of a try.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LockAttempt {
    /// The lock is held now; a free one, or one whose holder is dead.
    Acquired(Lease),
    /// Someone else holds it.
    Held(Holder),
}

/// The part of a session that keeps the lock. A holder that lives is never robbed: one whose
/// session or process is known to live, or, where nobody can tell, one whose lease has not ended.
#[async_trait]
pub trait LockStore: Send {
    /// Tries once, without waiting.
    async fn try_lock(&mut self, request: &LockRequest) -> Result<LockAttempt>;
    /// Renews the lease; [`crate::error::ErrorKind::LockLost`] when someone else has the lock.
    async fn renew(&mut self, lease: &Lease) -> Result<()>;
    /// Gives the lock back. Fine when it was lost already.
    async fn unlock(&mut self, lease: &Lease) -> Result<()>;
    /// Who holds it.
    async fn holder(&mut self, name: &str) -> Result<Option<Holder>>;
    /// Takes the lock from `holder`, if it is still the one; the fence moves on, so that it cannot write any more.
    async fn break_lock(&mut self, name: &str, holder: &Holder) -> Result<bool>;
}
