//! Commands about the schema itself.

use clap::{Args, ValueEnum};
use dbvc_engine::diff::DiffOptions;
use dbvc_engine::driver::SnapshotKind;

/// `snapshot`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc snapshot                  writes schema_snapshots/schema_current.json and .sql
  dbvc snapshot 1.1.0            the same, and schema_v1.1.0.json and .sql beside them
  dbvc snapshot --type baseline --reason \"as agreed\"    what the schema should be from now on
  dbvc snapshot -e production --folder prod --files-only  writes files, and nothing into the database

The database's record keeps a copy: it is what `dbvc drift` compares with. The JSON has everything and is the same to the byte while the schema is. The SQL makes an equal schema in an empty
database, and says in a comment what it does not make.")]
pub struct SnapshotArgs {
    /// The version that the schema has
    #[arg(value_name = "VERSION")]
    pub version: Option<String>,
    /// What it is; else `version` where one is given, and `baseline` where none is
    #[arg(long = "type", value_enum, value_name = "TYPE")]
    pub kind: Option<SnapshotWord>,
    /// Keep no copy in the database's record: for a login that may only read
    #[arg(long, conflicts_with = "reason")]
    pub files_only: bool,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
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
  dbvc diff --logical app production                   between two database systems, by what they share

Exit code 1 when there is a difference.")]
pub struct DiffArgs {
    /// The schema before
    #[arg(value_name = "BEFORE")]
    pub before: String,
    /// The schema after; else the database that the settings name
    #[arg(value_name = "AFTER")]
    pub after: Option<String>,
    /// What is not compared.
    #[command(flatten)]
    pub ignore: Ignore,
    /// Compare by what two database systems share: names, families of types, keys; and list what cannot be compared
    #[arg(long, conflicts_with_all = ["ignore_owners", "ignore_grants", "ignore_column_order"])]
    pub logical: bool,
    /// Write the report as a page of HTML, too, with a diagram of the tables
    #[arg(long, value_name = "FILE", conflicts_with = "logical")]
    pub html: Option<std::path::PathBuf>,
}

/// What is not compared.
#[derive(Debug, Clone, Copy, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is one flag")]
pub struct Ignore {
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

impl From<Ignore> for DiffOptions {
    fn from(ignore: Ignore) -> Self {
        Self {
            owners: !ignore.ignore_owners,
            grants: !ignore.ignore_grants,
            column_order: !ignore.ignore_column_order,
        }
    }
}

/// `--type`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum SnapshotWord {
    /// What the schema should be from now on
    Baseline,
    /// The schema of a version
    Version,
}

impl From<SnapshotWord> for SnapshotKind {
    fn from(word: SnapshotWord) -> Self {
        match word {
            SnapshotWord::Baseline => Self::Baseline,
            SnapshotWord::Version => Self::Version,
        }
    }
}
