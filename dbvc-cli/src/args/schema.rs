//! Commands about the schema itself.

use clap::Args;

/// `snapshot`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc snapshot                  writes schema_snapshots/schema_current.json and .sql
  dbvc snapshot 1.1.0            the same, and schema_v1.1.0.json and .sql beside them
  dbvc snapshot -e production --folder prod

The JSON has everything and is the same to the byte while the schema is. The SQL makes an equal schema in an empty
database, and says in a comment what it does not make.")]
pub struct SnapshotArgs {
    /// The version that the schema has
    #[arg(value_name = "VERSION")]
    pub version: Option<String>,
    /// Where the files go; with several databases each has a folder in it
    #[arg(long, value_name = "DIR", default_value = "schema_snapshots")]
    pub folder: std::path::PathBuf,
}

/// `diff`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc diff schema_snapshots/schema_v1.1.0.json        from a snapshot to the database as it is
  dbvc diff staging production                         from one environment to another
  dbvc diff a.json b.json                              between two snapshots
  dbvc diff sqlite:old.db sqlite:new.db --json         between two addresses, for a script

Exit code 1 when there is a difference.")]
pub struct DiffArgs {
    /// The schema before: a snapshot's JSON file, an environment, or a database's URL
    #[arg(value_name = "BEFORE")]
    pub before: String,
    /// The schema after, in the same ways; else the database that the settings name
    #[arg(value_name = "AFTER")]
    pub after: Option<String>,
    /// Whatever an object's owner is
    #[arg(long)]
    pub ignore_owners: bool,
    /// Whoever may do what
    #[arg(long)]
    pub ignore_grants: bool,
    /// In whatever order columns stand
    #[arg(long)]
    pub ignore_column_order: bool,
}
