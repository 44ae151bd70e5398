//! SQLite for dbvc: the embedded default.
//!
//! SQLite runs inside the process, so a call costs next to nothing and units are applied in single steps. The lock is
//! the operating system's: it ends with its process, whatever happens to that.

mod audit;
mod beyond;
mod connect;
mod ddl;
mod driver;
mod error;
mod execute;
mod group;
mod introspect;
mod limit;
mod lock;
mod record;
mod resolve;
mod scratch;
mod session;
mod transaction;

pub use audit::{SqliteAuditDriver, audit_driver};
pub use driver::{SqliteDriver, driver};
