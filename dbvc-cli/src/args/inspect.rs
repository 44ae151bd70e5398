//! Commands that look, and the two that correct dbvc's own record.

use clap::{Args, Subcommand};

/// `status`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc status                    version, name and date; what is pending; the schemas with their tables
  dbvc status --detailed         every migration
  dbvc current production        in another environment
  dbvc status --check            exit code 1 when something is pending or wrong, for CI")]
pub struct StatusArgs {
    /// The environment, as with --environment
    #[arg(value_name = "ENVIRONMENT")]
    pub place: Option<String>,
    /// Every migration
    #[arg(long)]
    pub detailed: bool,
    /// Exit code 1 when something is pending or wrong
    #[arg(long)]
    pub check: bool,
}

/// `history`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc history                          the last 50 executions, newest last
  dbvc history --limit 5
  dbvc history --migration 1.2.0        everything that was done with one migration
  dbvc history production --json        with all columns, for a script")]
pub struct HistoryArgs {
    /// The environment, as with --environment
    #[arg(value_name = "ENVIRONMENT")]
    pub place: Option<String>,
    /// Only the newest so many; 0 for all
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: u32,
    /// Only this migration
    #[arg(long, value_name = "MIGRATION-ID")]
    pub migration: Option<String>,
}

/// `verify`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc verify                    which files were edited or deleted since they ran
  dbvc verify --fix              accept the files as they are now: corrects the record, never the schema
  dbvc verify --fix 1.2.0        for one migration only")]
pub struct VerifyArgs {
    /// Only this migration
    #[arg(value_name = "MIGRATION-ID", requires = "fix")]
    pub migration: Option<String>,
    /// Correct the record
    #[arg(long)]
    pub fix: bool,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

/// `lock`.
#[derive(Debug, Clone, Args)]
pub struct LockArgs {
    /// What to do with it.
    #[command(subcommand)]
    pub command: LockCommand,
}

/// What to do with the lock.
#[derive(Debug, Clone, Copy, Subcommand)]
pub enum LockCommand {
    /// Show who holds it
    Status,
    /// Take it away from a holder that is dead; a live one keeps it
    Break {
        /// Take it from a live holder too, such as one whose machine sleeps; it cannot write any more
        #[arg(long)]
        force: bool,
    },
}

/// `config`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc config                        each setting, its value, and the file and line, variable or flag it came from
  dbvc config -e production          in another environment

Secrets are shown as ****.")]
pub struct ConfigArgs {
    /// The environment, as with --environment
    #[arg(value_name = "ENVIRONMENT")]
    pub place: Option<String>,
}
