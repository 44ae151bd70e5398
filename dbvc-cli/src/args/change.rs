//! Commands that change a database.

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use dbvc_engine::project::InFlight;

/// `--in-flight`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum InFlightWord {
    /// It took effect; go on after it.
    Done,
    /// It did not; run it again.
    Repeat,
}

impl From<InFlightWord> for InFlight {
    fn from(word: InFlightWord) -> Self {
        match word {
            InFlightWord::Done => Self::Done,
            InFlightWord::Repeat => Self::Repeat,
        }
    }
}

impl InFlightWord {
    /// As the audit trail tells it.
    fn flag(self) -> String {
        match self {
            Self::Done => "--in-flight done".to_owned(),
            Self::Repeat => "--in-flight repeat".to_owned(),
        }
    }
}

/// `migrate`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc migrate --dry-run                           what would run, in order; changes nothing
  dbvc migrate                                     run it
  dbvc migrate --target 1.4.0                      no further than that version
  dbvc upgrade production --yes --confirm shop     in a protected environment, from CI
  dbvc migrate --to-file review.sql                the same as one SQL script, to be read
  dbvc migrate --dry-run --json > plan.json        save the plan, have it approved,
  dbvc migrate --plan plan.json                    and run exactly that, or refuse")]
pub struct MigrateArgs {
    /// The environment, as with --environment
    #[arg(value_name = "ENVIRONMENT")]
    pub place: Option<String>,
    /// Print what would run, in order (with -v the SQL too), and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Go no further than this version
    #[arg(long, value_name = "VERSION", conflicts_with = "plan")]
    pub target: Option<String>,
    /// Also run migrations older than the newest that is applied
    #[arg(long, conflicts_with = "plan")]
    pub out_of_order: bool,
    /// Write what would run as one SQL script (- for standard output), and change nothing
    #[arg(long, value_name = "FILE", conflicts_with_all = ["plan", "dry_run"])]
    pub to_file: Option<PathBuf>,
    /// Run exactly the plan in this file, or refuse when anything changed since
    #[arg(long, value_name = "FILE", conflicts_with = "dry_run")]
    pub plan: Option<PathBuf>,
    /// What became of the statement that was under way when a run broke off, where dbvc cannot tell
    #[arg(long, value_enum, value_name = "WHAT", conflicts_with = "plan")]
    pub in_flight: Option<InFlightWord>,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

impl MigrateArgs {
    /// The flags that weaken a rule for this once.
    pub fn overrides(&self) -> Vec<String> {
        let late = self.out_of_order.then(|| "--out-of-order".to_owned());
        late.into_iter()
            .chain(self.in_flight.map(InFlightWord::flag))
            .collect()
    }
}

/// `rollback`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc rollback                                    the migration applied last
  dbvc rollback --count 3 --reason \"bad release\"   the last three
  dbvc rollback --to 1.2.0                         all after 1.2.0; 1.2.0 stays
  dbvc rollback --to 0                             everything
  dbvc rollback 1.3.0                              this one alone
  dbvc downgrade staging                           the last one in staging
  dbvc rollback --dry-run                          what would run; changes nothing

What begins like a version or a script's name (1.3.0, V1.3.0, R__views) is a migration; any other word is an
environment.")]
pub struct RollbackArgs {
    /// One migration by its id, an environment, or both
    #[arg(value_name = "MIGRATION-ID|ENVIRONMENT", num_args = 0..=2)]
    pub words: Vec<String>,
    /// The last so many migrations
    #[arg(long, value_name = "N", conflicts_with = "to", value_parser = clap::value_parser!(u32).range(1..))]
    pub count: Option<u32>,
    /// All after this version; it stays itself, and 0 means that nothing stays
    #[arg(long, value_name = "VERSION")]
    pub to: Option<String>,
    /// Print what would run, in order (with -v the SQL too), and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// What became of the statement that was under way when a run broke off, where dbvc cannot tell
    #[arg(long, value_enum, value_name = "WHAT")]
    pub in_flight: Option<InFlightWord>,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}

impl RollbackArgs {
    /// The flags that weaken a rule for this once.
    pub fn overrides(&self) -> Vec<String> {
        self.in_flight.map(InFlightWord::flag).into_iter().collect()
    }
}

/// `baseline`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc baseline 1.4.0 --description \"As found in production\"

Migrations up to that version then count as there; migrate goes on after it.")]
pub struct BaselineArgs {
    /// The version that the database is at
    pub version: String,
    /// What it is
    #[arg(long, value_name = "TEXT", default_value = "Baseline")]
    pub description: String,
    /// Why, for the record
    #[arg(long, value_name = "TEXT")]
    pub reason: Option<String>,
}
