//! Migrations as files: versions, names, headers, checksums, and the directory that holds them.

mod checksum;
mod create;
mod directives;
pub mod directory;
mod formats;
mod key;
mod naming;
mod problem;
mod scan;
mod script;
mod set;
pub mod sum;
mod version;

pub use checksum::{Checksum, ChecksumBuilder, ChecksumError, ChecksumMatch};
pub use create::{CreateError, NewMigration, Request, create};
pub use directives::Directives;
pub use directory::DirectoryLayout;
pub use key::{KeyError, MigrationKey};
pub use naming::{NamingRules, NamingStyle};
pub use problem::{Problem, codes};
pub use script::{Script, ScriptText};
pub use set::{Kind, Migration, MigrationSet};
pub use version::{Version, VersionError, VersionScheme};
