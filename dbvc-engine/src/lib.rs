//! The port and everything in dbvc that is not about one database.
//!
//! The engine never prints, reads the environment or ends the process: it returns values and tells an observer.

pub mod audit;
#[cfg(feature = "conformance")]
pub mod conformance;
pub mod diagnostic;
pub mod diff;
pub mod driver;
pub mod error;
pub mod execute;
pub mod lint;
pub mod lock;
pub mod migration;
pub mod observe;
pub mod plan;
pub mod project;
pub mod record;
pub mod registry;
pub mod schema;
pub mod sql;
pub mod text;
pub mod wrap;
