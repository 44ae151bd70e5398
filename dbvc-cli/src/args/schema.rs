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
Each side is one of
  schema_snapshots/schema_v1.1.0.json   a snapshot: a file that is there
  schema.sql                            what a SQL file makes in an empty database
  staging                               an environment of dbvc.toml: the database as it is
  postgres://…, sqlite:app.db           an address: the database as it is
  migrations/                           what a folder of migrations makes; with a `/` where an environment has its name
  version:1.1.0, v1.1.0                 what the project's migrations up to a version make; the newest version has the
                                        repeatable migrations, too. `version:` is never taken for anything else

SQL files, folders and versions are run on a scratch database, which is made beside the database and dropped again.

Examples:
  dbvc diff schema_snapshots/schema_v1.1.0.json        from a snapshot to the database as it is
  dbvc diff migrations/                                what the database has that no migration made
  dbvc diff v1.1.0 v1.2.0                              what changed between two versions
  dbvc diff migrations/ schema.sql                     what is still to be written as a migration
  dbvc diff staging production                         from one environment to another
  dbvc diff sqlite:old.db sqlite:new.db --json         between two addresses, for a script

Exit code 1 when there is a difference.")]
pub struct DiffArgs {
    /// The schema before
    #[arg(value_name = "BEFORE")]
    pub before: String,
    /// The schema after; else the database that the settings name
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

/// `test`.
#[derive(Debug, Clone, Default, Args)]
#[command(after_help = "\
Examples:
  dbvc test                      the database's migrations, on a scratch database beside it
  dbvc test staging --json       with the settings of an environment, for a script
  dbvc test --strict             data that would be lost, or a missing undo script, is a finding, too

Verdicts:
  reversible     undone, the schema is as it was, and nothing that was there is lost
  loses data     undone, the schema is as it was, but rows or columns that were there are gone: which, and how that is known
  irreversible   there is no undo script, or the migration says that it cannot be undone
  wrong          the undo script fails or leaves another schema, or the migration cannot be applied again: the difference
  fails          the migration itself fails on an empty database
  not tested     repeatable migrations, and what comes after one that fails

The database itself is not touched. Exit code 1 when a migration fails or an undo script is wrong; with --strict also when
data would be lost or there is no undo script, unless the migration says so itself (`-- dbvc: irreversible=\"why\"`).")]
pub struct TestArgs {
    /// The environment, as with --environment
    #[arg(value_name = "ENVIRONMENT")]
    pub place: Option<String>,
    /// Exit code 1 also where data would be lost or there is no undo script
    #[arg(long)]
    pub strict: bool,
}
