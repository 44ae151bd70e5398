//! Commands on the project's files.

use clap::Args;
use clap_complete::Shell;

/// `init`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc init                                      a project on SQLite, in app.db
  dbvc init --url 'postgres://app:${DB_PASSWORD}@localhost/shop'
  dbvc init --name shop -C services/shop
  dbvc init --infrastructure -e production       in a project: make what its audit sinks need, and say what was there

Files that are there already are never written over.")]
pub struct InitArgs {
    /// The project's name; else the folder's
    #[arg(long, value_name = "NAME")]
    pub name: Option<String>,
    /// Begin no project: make what the audit sinks of this one need, such as containers
    #[arg(long, conflicts_with = "name")]
    pub infrastructure: bool,
}

/// `create`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc create \"Add customer analytics\"           the next free version
  dbvc create 1.1.0 \"Add customer analytics\"     writes migrations/V1.1.0__Add_customer_analytics.sql
                                                 and rollback/V1.1.0__Add_customer_analytics_rollback.sql
  dbvc generate \"Add tags\" --auto --dry-run      what would lead from the migrations to schema.sql
  dbvc generate \"Add tags\" --auto                write it, with its undo script

With --auto the scripts are written from the difference between the desired schema, a SQL file that makes all of it in an
empty database (`schema` in dbvc.toml, or --schema), and what the migrations make. Both are made on scratch databases,
where the new scripts are tried, too. What destroys data is marked in the script and told; what cannot be written is told.")]
pub struct CreateArgs {
    /// The version, if not the next free one; then what the migration is about
    #[arg(value_name = "[VERSION] DESCRIPTION", required = true, num_args = 1..)]
    pub words: Vec<String>,
    /// Write the statements, too: from the difference between the desired schema and the migrations
    #[arg(long)]
    pub auto: bool,
    /// The SQL file that makes the desired schema, if not the one that dbvc.toml names
    #[arg(long, value_name = "FILE", requires = "auto")]
    pub schema: Option<std::path::PathBuf>,
    /// Print the scripts and write no file
    #[arg(long, requires = "auto")]
    pub dry_run: bool,
}

impl CreateArgs {
    /// The version and the description. The first of several words is a version when it begins like one.
    pub fn parts(&self) -> (Option<String>, String) {
        let looks_like_version = |word: &str| {
            let digits = word.strip_prefix(['V', 'v']).unwrap_or(word);
            digits.starts_with(|c: char| c.is_ascii_digit())
        };
        match self.words.as_slice() {
            [version, rest @ ..] if !rest.is_empty() && looks_like_version(version) => {
                (Some(version.clone()), rest.join(" "))
            }
            words => (None, words.join(" ")),
        }
    }
}

/// `validate`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc validate                  check names, structure and dbvc.sum
  dbvc validate --fix            write dbvc.sum anew after an edit that was meant
  dbvc lint production           the same with the rules of an environment
  dbvc validate --replay         then also `dbvc test`, on a scratch database

Needs no database but for --replay. Exit code 1 when something is wrong.")]
pub struct ValidateArgs {
    /// The environment, as with --environment
    #[arg(value_name = "ENVIRONMENT")]
    pub place: Option<String>,
    /// Write dbvc.sum anew
    #[arg(long)]
    pub fix: bool,
    /// When nothing is wrong, try every migration and its undo script on a scratch database: `dbvc test`
    #[arg(long)]
    pub replay: bool,
}

/// `completions`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc completions bash > ~/.local/share/bash-completion/completions/dbvc
  dbvc completions zsh > ~/.zfunc/_dbvc")]
pub struct CompletionsArgs {
    /// The shell
    pub shell: Shell,
}
