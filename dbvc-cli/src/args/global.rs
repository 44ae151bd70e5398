//! Flags that every command has.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use dbvc_engine::driver::Secret;

use crate::config::{Flags, duration};

/// When to use colours.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub enum ColorChoice {
    /// On a terminal, unless `NO_COLOR` is set.
    #[default]
    Auto,
    /// Always.
    Always,
    /// Never.
    Never,
}

/// How to log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum, Default)]
pub enum LogFormat {
    /// For people.
    #[default]
    Human,
    /// One JSON object a line.
    Json,
}

/// Flags that every command has.
#[derive(Debug, Clone, Default, Args)]
#[allow(clippy::struct_excessive_bools, reason = "each is one independent flag")]
pub struct Global {
    /// The configuration file; else the nearest dbvc.toml at or above the working directory
    #[arg(long, global = true, value_name = "FILE", help_heading = "Project")]
    pub config: Option<PathBuf>,
    /// The project's folder
    #[arg(
        short = 'C',
        long,
        global = true,
        value_name = "DIR",
        help_heading = "Project"
    )]
    pub project: Option<PathBuf>,
    /// The database's URL, such as sqlite:app.db or <postgres://user@host/name>
    #[arg(
        long,
        global = true,
        value_name = "URL",
        help_heading = "Project",
        value_parser = secret
    )]
    pub url: Option<Secret>,
    /// A database of the project, or `all` of them
    #[arg(short, long, global = true, value_name = "NAME", help_heading = "Project")]
    pub database: Option<String>,
    /// The environment; else from the git branch, else the default
    #[arg(short, long, global = true, value_name = "NAME", help_heading = "Project")]
    pub environment: Option<String>,
    /// A value for ${NAME} in scripts
    #[arg(long = "placeholder", global = true, value_name = "NAME=VALUE", value_parser = pair, help_heading = "Project")]
    pub placeholders: Vec<(String, Secret)>,
    /// How long to wait for another run to end, such as 30s or 10min
    #[arg(long, global = true, value_name = "TIME", value_parser = duration::parse, help_heading = "Limits")]
    pub lock_wait: Option<Duration>,
    /// The longest a statement may run
    #[arg(long, global = true, value_name = "TIME", value_parser = duration::parse, help_heading = "Limits")]
    pub statement_timeout: Option<Duration>,
    /// The longest a statement may wait for a lock in the database
    #[arg(long, global = true, value_name = "TIME", value_parser = duration::parse, help_heading = "Limits")]
    pub lock_timeout: Option<Duration>,
    /// Do not ask; in a protected environment --confirm is wanted too
    #[arg(short, long, global = true, help_heading = "Confirmation")]
    pub yes: bool,
    /// The database's name, in place of typing it in a protected environment
    #[arg(long, global = true, value_name = "NAME", help_heading = "Confirmation")]
    pub confirm: Option<String>,
    /// Print one JSON document on standard output
    #[arg(long, global = true, help_heading = "Output")]
    pub json: bool,
    /// Say only what went wrong
    #[arg(
        short,
        long,
        global = true,
        conflicts_with = "verbose",
        help_heading = "Output"
    )]
    pub quiet: bool,
    /// Log what happens on standard error; twice for more
    #[arg(short, long, global = true, action = clap::ArgAction::Count, help_heading = "Output")]
    pub verbose: u8,
    /// When to use colours
    #[arg(long, global = true, value_enum, default_value_t, help_heading = "Output")]
    pub color: ColorChoice,
    /// How to log
    #[arg(long, global = true, value_enum, help_heading = "Output")]
    pub log_format: Option<LogFormat>,
}

impl Global {
    /// The part that settings are made of.
    pub fn flags(&self) -> Flags {
        Flags {
            config: self.config.clone(),
            project: self.project.clone(),
            url: self.url.clone(),
            database: self.database.clone(),
            environment: self.environment.clone(),
            placeholders: self.placeholders.clone(),
            statement_timeout: self.statement_timeout,
            lock_timeout: self.lock_timeout,
            lock_wait: self.lock_wait,
        }
    }

    /// Those that change for this once what scripts run with, as the audit trail tells them: without values, which may be
    /// secrets.
    pub fn overrides(&self) -> Vec<String> {
        let placeholders = self.placeholders.iter();
        let mut flags: Vec<String> = placeholders
            .map(|(name, _)| format!("--placeholder {name}"))
            .collect();
        for (flag, limit) in [
            ("--statement-timeout", self.statement_timeout),
            ("--lock-timeout", self.lock_timeout),
        ] {
            flags.extend(limit.map(|limit| format!("{flag} {}", duration::show(limit))));
        }
        flags
    }
}

/// A URL may hold a password, so nothing may print it.
#[allow(clippy::unnecessary_wraps, reason = "clap wants a parser that could fail")]
fn secret(text: &str) -> Result<Secret, std::convert::Infallible> {
    Ok(Secret::new(text))
}

fn pair(text: &str) -> Result<(String, Secret), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_owned(), Secret::new(value))),
        _ => Err("expected NAME=VALUE".to_owned()),
    }
}
