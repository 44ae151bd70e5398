//! What the adapter does on real SQLite files.

mod introspecting;
mod locking;
mod opening;
mod recording;
mod resolving;
mod stage;
mod stopping;
mod transactions;
