//! Releases of the schema.

use clap::Args;

/// `version`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc version v1.2.0 --description \"Customer analytics\"
  dbvc version 1.2.0 -e production

Writes schema-versions/v1.2.0/ with schema.sql, schema.json, seed_data.sql (the rows of `seed_tables` in dbvc.toml),
info.json, and README.md, a changelog since the version before. The database is only read.")]
pub struct VersionArgs {
    /// The version; its `v` may be left out
    #[arg(value_name = "VERSION")]
    pub version: String,
    /// What it is, in a sentence
    #[arg(long, value_name = "TEXT")]
    pub description: Option<String>,
    /// Where the versions are; with several databases each has a folder in it
    #[arg(long, value_name = "DIR", default_value = "schema-versions")]
    pub folder: std::path::PathBuf,
}

/// `list`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc list                      the versions that `dbvc version` wrote, oldest first
  dbvc list --json")]
pub struct ListArgs {
    /// Where the versions are; with several databases each has a folder in it
    #[arg(long, value_name = "DIR", default_value = "schema-versions")]
    pub folder: std::path::PathBuf,
}
