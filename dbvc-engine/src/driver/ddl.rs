//! Writing a schema as SQL.

use super::RowSql;
use crate::schema::{Database, ObjectKey, Table};

/// A schema as a script, and what is not in it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Written {
    /// The script; run on an empty database it makes an equal schema, but for what is left out.
    pub sql: String,
    /// What the adapter cannot write, each with the reason; told in the script's comments, too.
    pub left_out: Vec<(ObjectKey, String)>,
}

/// The way from one schema to another as a script.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Altered {
    /// The script; run on a database with the schema before it makes the schema after, but for what is left out. Before a
    /// statement that destroys data stands a comment that says so.
    pub sql: String,
    /// What is destroyed on the way: tables and columns with what is in them.
    pub losses: Vec<String>,
    /// What the adapter cannot write, each with the reason; told in the script's comments, too.
    pub left_out: Vec<(ObjectKey, String)>,
    /// Why the script cannot run in a transaction, where that is so.
    pub no_transaction: Option<String>,
}

/// The part of an adapter that writes SQL.
pub trait DdlWriter: Send + Sync {
    /// The whole schema as one script for people to read and servers to run.
    fn create(&self, database: &Database) -> Written;
    /// What makes `after` of `before`, in an order in which it can be run; none where the adapter cannot write that. Both
    /// have this adapter's spelling. The order of columns is left alone where the database cannot change it.
    fn alter(&self, before: &Database, after: &Database) -> Option<Altered> {
        let _ = (before, after);
        None
    }
    /// The schema without what only says that `login` made it, for a script that others run: whoever runs that makes it
    /// as his own.
    fn by_whoever_runs(&self, database: Database, login: &str) -> Database {
        let _ = login;
        database
    }
    /// How the rows of a table are read as literals and written as `INSERT`s; none where the adapter cannot. Columns that
    /// are computed are left out.
    fn rows(&self, key: &ObjectKey, table: &Table) -> Option<RowSql> {
        let _ = (key, table);
        None
    }
}
