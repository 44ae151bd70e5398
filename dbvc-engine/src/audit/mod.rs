//! The audit trail: what happened to a database, as events that are chained so that no change of them goes unseen.
//!
//! Events are written to the target's own record first, in the transaction of what they tell of, and shipped from there
//! to sinks.

mod anchor;
mod chain;
mod check;
mod event;
mod sign;
mod sink;

pub use anchor::{Anchor, read_anchors};
pub use chain::{ChainError, GENESIS, Sealed, digest};
pub use check::{ChainCheck, Checked, Finding, FindingKind, differences};
pub use event::{AuditAction, AuditActor, AuditEvent};
pub use sign::{KeyError, PublicKey, SigningKey};
pub use sink::{
    Appended, AuditDriver, AuditDriverInfo, AuditSink, Container, Document, Head, Provisioned, SinkTarget,
};
