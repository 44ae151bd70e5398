//! Settings: where they are written, which of them counts, and where each came from.
//!
//! Layers, weakest first: dbvc's defaults, `config/db_config.yaml`, `dbvc.toml`, `.env`, the environment, flags.

pub mod audit;
mod branch;
pub mod codes;
mod connection;
mod connection_string;
mod database;
mod document;
pub mod duration;
mod file;
mod limits;
mod load;
mod mask;
mod missing;
mod parts;
mod reference;
mod rules;
mod select;
mod sourced;
mod surroundings;
pub mod variables;

pub use audit::{AuditConfig, SinkConfig};
pub use connection::Connection;
pub use connection_string::CONNECTION_STRING;
pub use database::{DatabaseConfig, PlaceholderValue};
pub use document::Located;
pub use file::{DatabaseSection, EnvironmentSection, FILE_NAME, ProjectFile};
pub use load::{Config, Flags};
pub use parts::Parts;
pub use rules::Rules;
pub use sourced::{Source, Sourced};
pub use surroundings::{Surroundings, Variables};
