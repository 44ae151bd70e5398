//! The audit trail: what happened to a database, as events that are chained so that no change of them goes unseen.
//!
//! Events are written to the target's own record first, in the transaction of what they tell of, and shipped from there
//! to sinks.

mod chain;
mod event;
mod sink;

pub use chain::{ChainError, GENESIS, Sealed};
pub use event::{AuditAction, AuditActor, AuditEvent};
pub use sink::{
    Appended, AuditDriver, AuditDriverInfo, AuditSink, Container, Document, Head, Provisioned, SinkTarget,
};
