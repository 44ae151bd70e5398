//! The audit trail's use cases: shipping events from a database's record to sinks, reading them, checking them.

mod anchor;
mod documents;
mod log;
mod note;
mod reader;
mod rows;
mod run;
mod settings;
mod ship;
pub(super) mod sign;
mod verify;

pub use anchor::{AnchorReport, anchor};
pub use log::{Log, LogFilter, LogRequest, LoggedEvent, UnreadableEvent, log};
pub use note::{note, planned, tell};
pub use reader::Reader;
pub use settings::{AuditSettings, OnSinkFailure, SinkSettings};
pub use ship::{ShipReport, SinkReport, flush, waiting};
pub use verify::{ChainReport, ChainRequest, verify};
