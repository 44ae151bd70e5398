//! SQL Server and Azure SQL for dbvc.
//!
//! A script is cut at its `GO` lines, and each batch is sent as it is. A migration runs in one transaction with its row
//! of the history, as far as the server lets its statements in there.

mod apply;
mod cells;
mod connect;
mod ddl;
mod driver;
mod error;
mod execute;
mod introspect;
mod lock;
mod message;
mod notices;
mod record;
mod resolve;
mod scratch;
#[cfg(test)]
mod second_reader;
mod send;
mod session;
mod statement;

pub use driver::MsSqlDriver;
pub use notices::layer as notices;

/// The driver, for a registry.
pub fn driver() -> MsSqlDriver {
    MsSqlDriver
}
