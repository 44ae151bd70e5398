//! Writing a schema as SQL.

use crate::schema::{Database, ObjectKey};

/// A schema as a script, and what is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Written {
    /// The script; run on an empty database it makes an equal schema, but for what is left out.
    pub sql: String,
    /// What the adapter cannot write, each with the reason; told in the script's comments, too.
    pub left_out: Vec<(ObjectKey, String)>,
}

/// The part of an adapter that writes SQL.
pub trait DdlWriter: Send + Sync {
    /// The whole schema as one script for people to read and servers to run.
    fn create(&self, database: &Database) -> Written;
}
