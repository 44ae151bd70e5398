//! The audit trail: what happened to a database, as events that are chained so that no change of them goes unseen.
//!
//! Events are written to the target's own record first, in the transaction of what they tell of, and shipped from there
//! to sinks.

mod admit;
mod anchor;
mod chain;
mod check;
mod event;
mod export;
pub mod jsonl;
mod report;
mod runs;
#[cfg(any(test, feature = "conformance"))]
pub(crate) mod sample;
mod sign;
mod sink;

pub use admit::{Admitted, admit, conflict, known, same};
pub use anchor::{Anchor, read_anchors};
pub use chain::{ChainError, GENESIS, Sealed, digest};
pub use check::{ChainCheck, Checked, Finding, FindingKind, beside, differences};
pub use event::{AuditAction, AuditActor, AuditEvent};
pub use export::{BUNDLE_README, BundleFile, bundle, csv};
pub use report::{AuditCheck, AuditReport, AuditReportOn, report};
pub use sign::{KeyError, PublicKey, SigningKey};
pub use sink::{
    Appended, AuditDriver, AuditDriverInfo, AuditSink, Container, Document, Head, KnownChain, Provisioned,
    SinkTarget,
};
