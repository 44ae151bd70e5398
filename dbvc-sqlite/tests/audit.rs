//! The audit trail of a real SQLite file, with sinks in memory and in files.

#[path = "audit/gone.rs"]
mod gone;
#[path = "audit/restart.rs"]
mod restart;
#[path = "audit/signing.rs"]
mod signing;
#[path = "audit/sink.rs"]
mod sink;
#[path = "audit/sinks.rs"]
mod sinks;
#[path = "audit/stage.rs"]
mod stage;
#[path = "audit/stories.rs"]
mod stories;
#[path = "audit/tampering.rs"]
mod tampering;
