//! `drift`.

use clap::{Args, ValueEnum};
use dbvc_engine::project::Against;

use super::Ignore;

/// `drift`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc drift                               what was changed past dbvc; exit code 8 when something was
  dbvc drift production --json             for a script
  dbvc drift --against migrations          against the applied migrations, run on a scratch database
  dbvc drift --approve \"index by the DBA\"  accept it: what is there is expected from now on
  dbvc drift --adopt \"Add notes\"          write it as a migration with its undo script

Expected is the newest snapshot in the database's record (`dbvc snapshot`), moved on with each run.")]
pub struct DriftArgs {
    /// The environment, as with --environment
    #[arg(value_name = "ENVIRONMENT")]
    pub place: Option<String>,
    /// What to compare with; else the snapshot where there is one, and the migrations where there is none
    #[arg(long, value_enum, value_name = "WHAT")]
    pub against: Option<AgainstWord>,
    /// Accept what is found, and why: the record keeps who and why
    #[arg(long, value_name = "WHY", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub approve: Option<String>,
    /// Write what is found as a new migration with its undo script, and what that is about
    #[arg(long, value_name = "DESCRIPTION", conflicts_with = "approve", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub adopt: Option<String>,
    /// Write the report as a page of HTML, too, with a diagram of the tables; with several databases a page for each
    #[arg(long, value_name = "FILE")]
    pub html: Option<std::path::PathBuf>,
    /// What is not compared.
    #[command(flatten)]
    pub ignore: Ignore,
}

/// `--against`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AgainstWord {
    /// The newest snapshot in the database's record
    Snapshot,
    /// The applied migrations, run on a scratch database
    Migrations,
}

impl From<AgainstWord> for Against {
    fn from(word: AgainstWord) -> Self {
        match word {
            AgainstWord::Snapshot => Self::Snapshot,
            AgainstWord::Migrations => Self::Migrations,
        }
    }
}
