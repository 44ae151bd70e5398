//! What the command line offers.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Parser, ValueEnum};

use crate::database::System;

/// Measures dbvc beside other tools, on this machine, as ratios in one run.
#[derive(Debug, Clone, Parser)]
#[command(name = "cargo xtask bench", version)]
#[allow(
    clippy::struct_excessive_bools,
    reason = "switches of a command line, each by itself"
)]
pub(crate) struct Options {
    /// A small comparison that ends within a minute: 10 and 100 migrations, the floors and one peer
    #[arg(long)]
    pub(crate) quick: bool,

    /// Also a script of 500 MB, once, with the floors and dbvc
    #[arg(long)]
    pub(crate) large: bool,

    /// Also build the program from nothing, which takes minutes
    #[arg(long)]
    pub(crate) build: bool,

    /// Which comparisons; all but `build` where none is named
    #[arg(long, value_delimiter = ',')]
    pub(crate) rows: Vec<Row>,

    /// Which tools beside dbvc, such as psql,sqlx,dbmate; all where none is named
    #[arg(long, value_delimiter = ',')]
    pub(crate) tools: Vec<String>,

    /// Which databases; all where none is named
    #[arg(long, value_delimiter = ',')]
    pub(crate) systems: Vec<Wanted>,

    /// How many small migrations
    #[arg(long, value_delimiter = ',')]
    pub(crate) counts: Vec<usize>,

    /// How many runs count for a median; one more comes first and is dropped
    #[arg(long, default_value_t = 3)]
    pub(crate) repeats: usize,

    /// Megabytes of the large scripts
    #[arg(long, default_value_t = 50)]
    pub(crate) megabytes: usize,

    /// Seconds after which a run is stopped
    #[arg(long, default_value_t = 300)]
    pub(crate) limit: u64,

    /// The binary to measure; several can be given as LABEL=PATH, to compare builds with each other
    #[arg(long, value_name = "PATH")]
    pub(crate) dbvc: Vec<String>,

    /// Use the tools that are there, and install none
    #[arg(long)]
    pub(crate) no_install: bool,

    /// Where tools are kept between runs
    #[arg(long, default_value = "benches/.cache")]
    pub(crate) cache: PathBuf,

    /// Also write the tables to this file; in a page like docs/benchmarks.md, below its mark
    #[arg(long, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// One comparison.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Row {
    /// Many small migrations; with 1,000 and more also nothing to do and status, with 1,000 also taking 100 back
    Many,
    /// Large scripts on PostgreSQL
    Scripts,
    /// A script of single-row statements on SQLite
    SqliteScript,
    /// Start-up, and the size of the program
    StartUp,
}

/// A database system as the command line names it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Wanted {
    Postgres,
    Mariadb,
    Sqlite,
}

impl Options {
    pub(crate) fn has(&self, row: Row) -> bool {
        if self.rows.is_empty() {
            !self.quick || matches!(row, Row::Many | Row::StartUp)
        } else {
            self.rows.contains(&row)
        }
    }

    pub(crate) fn has_system(&self, system: System) -> bool {
        let wanted = match system {
            System::Postgres => Wanted::Postgres,
            System::MariaDb => Wanted::Mariadb,
            System::Sqlite => Wanted::Sqlite,
        };
        self.systems.is_empty() || self.systems.contains(&wanted)
    }

    pub(crate) fn counts(&self) -> Vec<usize> {
        match (self.counts.as_slice(), self.quick) {
            ([], true) => vec![10, 100],
            ([], false) => vec![10, 100, 1000, 5000],
            (given, _) => given.to_vec(),
        }
    }

    pub(crate) fn limit(&self) -> Duration {
        Duration::from_secs(self.limit)
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory as _;

    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        Options::command().debug_assert();
    }

    #[test]
    fn quick_leaves_out_what_takes_long_unless_it_is_named() {
        let quick = Options::parse_from(["bench", "--quick"]);
        assert_eq!(quick.counts(), [10, 100]);
        assert!(quick.has(Row::Many) && !quick.has(Row::Scripts));
        let named = Options::parse_from(["bench", "--quick", "--rows", "scripts"]);
        assert!(named.has(Row::Scripts) && !named.has(Row::Many));
    }
}
