//! PostgreSQL for dbvc.
//!
//! Everything is sent with the simple query protocol: many statements travel in one message, so that a migration that
//! fits in one costs one round trip, and nothing is prepared that a change of the schema could make stale.

mod apply;
mod audit;
mod beyond;
mod blockers;
mod connect;
mod copy;
mod ddl;
mod driver;
mod error;
mod execute;
mod introspect;
mod lock;
mod message;
mod notices;
mod quiet;
mod record;
mod resolve;
mod scratch;
mod send;
mod session;
mod statement;
mod turn;

pub use audit::{PostgresAuditDriver, audit_driver};
pub use driver::PostgresDriver;
pub use notices::layer as notices;

/// The driver, for a registry.
pub fn driver() -> PostgresDriver {
    PostgresDriver
}
