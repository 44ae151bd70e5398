//! The audit trail of a real SQLite file, with a sink in memory.

#[path = "audit/sink.rs"]
mod sink;
#[path = "audit/stage.rs"]
mod stage;
#[path = "audit/stories.rs"]
mod stories;
#[path = "audit/tampering.rs"]
mod tampering;
