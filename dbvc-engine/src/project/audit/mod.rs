//! The audit trail's use cases: shipping events from a database's record to sinks, reading them, checking them.

mod anchor;
mod chains;
mod columns;
mod copies;
mod documents;
mod log;
mod note;
mod patience;
mod places;
mod reader;
mod record;
mod restart;
mod rows;
mod run;
mod settings;
mod ship;
pub(super) mod sign;
mod snapshots;
mod stands;
pub(super) mod texts;
mod verify;

pub use anchor::{AnchorReport, anchor};
pub use log::{Log, LogFilter, LogRequest, LoggedEvent, UnreadableEvent, log};
pub use note::{note, planned, tell};
pub use reader::Reader;
pub use restart::{RestartReport, RestartRequest, plan_restart, restart};
pub use settings::{AuditSettings, OnSinkFailure, SinkSettings};
pub use ship::{ShipReport, SinkReport, flush, waiting};
pub use sign::sign;
pub use verify::{ChainReport, ChainRequest, UnreadableSink, verify};
