//! The command line, as values.

mod audit;
mod change;
mod drift;
mod global;
mod inspect;
mod period;
mod project;
mod release;
mod rules;
mod schema;
mod what;

pub use audit::{
    AuditAnchorArgs, AuditArgs, AuditCommand, AuditExportArgs, AuditFilterArgs, AuditFormat, AuditLogArgs,
    AuditReportArgs, AuditVerifyArgs,
};
pub use change::{BaselineArgs, InFlightWord, MigrateArgs, RollbackArgs};
pub use drift::{AgainstWord, DriftArgs};
pub use global::{ColorChoice, Global, LogFormat};
pub use inspect::{ConfigArgs, HistoryArgs, LockArgs, LockCommand, StatusArgs, VerifyArgs};
pub use project::{CompletionsArgs, CreateArgs, InitArgs, ValidateArgs};
pub use release::{ListArgs, VersionArgs};
pub use rules::{PackWord, RulesArgs};
pub use schema::{DiffArgs, Ignore, SnapshotArgs, SnapshotWord, TestArgs};
pub use what::{What, place};

use clap::{Parser, Subcommand};

const AFTER: &str = "\
Examples:
  dbvc init                                     begin a project here
  dbvc create \"Add customer analytics\"          write the next migration and its undo script
  dbvc status                                   where the database stands
  dbvc migrate --dry-run                        what would run
  dbvc migrate                                  run it
  dbvc rollback --reason \"wrong index\"          take the last migration back
  dbvc --url sqlite:app.db migrate              without any configuration, on ./migrations

Exit codes:
  0 done · 1 findings, or pending with --check · 2 usage · 3 configuration · 4 connection · 5 lock held
  6 failed and rolled back · 7 failed, partly applied · 8 drift · 9 audit unavailable · 130 cancelled";

/// git for databases: one workflow of migrations over several database systems
#[derive(Debug, Parser)]
#[command(name = "dbvc", version, after_help = AFTER, max_term_width = 110, disable_help_subcommand = true)]
pub struct Args {
    /// Flags of every command.
    #[command(flatten)]
    pub global: Global,
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// What to do.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Begin a project: dbvc.toml, folders, .env.example
    Init(InitArgs),
    /// Write a new migration and its undo script; with --auto from a desired schema
    #[command(visible_aliases = ["new", "generate"])]
    Create(CreateArgs),
    /// Check the migrations' names, structure and dbvc.sum, without a database
    #[command(visible_alias = "lint")]
    Validate(ValidateArgs),
    /// Bring a database to its newest version
    #[command(visible_aliases = ["up", "upgrade"])]
    Migrate(MigrateArgs),
    /// Take migrations out of a database
    #[command(visible_aliases = ["down", "downgrade", "undo"])]
    Rollback(RollbackArgs),
    /// Show where a database stands
    #[command(visible_alias = "current")]
    Status(StatusArgs),
    /// Show what was done to a database, by whom, when and how long it took
    History(HistoryArgs),
    /// Declare an existing database to be at a version, without running anything
    Baseline(BaselineArgs),
    /// Compare the files with what the database's record says of them
    Verify(VerifyArgs),
    /// Write the whole schema to files: canonical JSON, and SQL that makes it again
    Snapshot(SnapshotArgs),
    /// Show what two schemas differ in
    Diff(DiffArgs),
    /// Hold a schema to rules that the project has switched on, such as those of Data Vault 2.0
    Rules(RulesArgs),
    /// Apply, undo and apply again each migration on a scratch database, and say what its undo script is worth
    Test(TestArgs),
    /// Show what was changed past dbvc, and how to undo or adopt it
    Drift(DriftArgs),
    /// Write a release of the schema: SQL, seed rows, and a changelog since the version before
    Version(VersionArgs),
    /// List the releases that `version` wrote
    List(ListArgs),
    /// Read, check, ship and export the audit trail
    Audit(AuditArgs),
    /// Show or break the lock that keeps two runs apart
    Lock(LockArgs),
    /// Show the settings that count, and where each came from
    Config(ConfigArgs),
    /// Show the database systems of this build and what each can do
    Drivers,
    /// Write a completion script for a shell
    Completions(CompletionsArgs),
}

#[cfg(test)]
mod tests;
