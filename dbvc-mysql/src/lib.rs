//! MySQL and MariaDB for dbvc.
//!
//! Everything is sent as text, many statements to a message: a server runs them in order and stops at the first that
//! fails. Statements that change the schema commit by themselves here, so a script with one of them runs step by step,
//! each statement in one message with the note of how far the script has come.

mod apply;
mod beyond;
mod connect;
mod ddl;
mod driver;
mod error;
mod execute;
mod flavour;
mod introspect;
mod lock;
mod message;
mod record;
mod resolve;
mod scratch;
mod send;
mod session;
mod statement;
mod step;

pub use driver::MySqlDriver;

/// The driver, for a registry.
pub fn driver() -> MySqlDriver {
    MySqlDriver
}
