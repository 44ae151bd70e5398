//! `audit`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use jiff::Timestamp;

use super::period::{since, until};

/// `audit`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc audit log --since 7d                          what happened in the last week, newest last
  dbvc audit verify                                  whether anybody changed the trail, here or in a sink
  dbvc audit note approved --plan plan.json --reason CHG-123
  dbvc audit flush                                   ship what waits
  dbvc audit export --format bundle --output trail   files that are checked without dbvc
  dbvc audit report --since 2026-10-01 --until 2026-12-31 --output q4.html

The trail is kept in each database's record and shipped to the sinks of [audit] in dbvc.toml.")]
pub struct AuditArgs {
    /// What to do with it.
    #[command(subcommand)]
    pub command: AuditCommand,
}

/// What to do with the audit trail.
#[derive(Debug, Clone, Subcommand)]
pub enum AuditCommand {
    /// Show what happened, oldest first
    Log(AuditLogArgs),
    /// Check that nobody edited, removed, inserted, moved or cut off events
    Verify(AuditVerifyArgs),
    /// Tell the trail of something that happened outside of dbvc: an approval, a backup, a restore
    Note(AuditNoteArgs),
    /// Ship the events that wait in the database to the sinks
    Flush(AuditFlushArgs),
    /// Write events to files: a table for spreadsheets, or a bundle that is checked without dbvc
    Export(AuditExportArgs),
    /// Write a page of HTML about a period, for an auditor
    Report(AuditReportArgs),
    /// Write the chain's head to a place outside the database, as a witness for `audit verify`
    Anchor(AuditAnchorArgs),
    /// Begin a new chain on purpose, after a restore, in a clone, or in a database that was made anew
    Restart(AuditRestartArgs),
}

/// `audit flush`.
#[derive(Debug, Clone, Default, Args)]
pub struct AuditFlushArgs {
    /// Sign events, too, that were written before any was signed, or before the key was changed
    #[arg(long)]
    pub sign_older: bool,
}

/// `audit restart`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc audit restart --reason \"restored the backup of 18 November\"
  dbvc audit restart --reason \"clone for staging\" --keep old-trail.jsonl

The new chain's first event tells the reason and names the chains before it. Sinks keep those. The events of the old chain
leave the database, so a sink must have them, or --keep names a file for them. A protected environment asks first.")]
pub struct AuditRestartArgs {
    /// Why, for the new chain's first event
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub reason: String,
    /// A new file for the events of the old chain
    #[arg(long, value_name = "FILE")]
    pub keep: Option<PathBuf>,
}

/// Which events.
#[derive(Debug, Clone, Default, Args)]
#[command(next_help_heading = "Which events")]
pub struct AuditFilterArgs {
    /// Not before: a day (2026-11-01), a moment (2026-11-01T08:00:00Z), or how long ago (7d, 12h)
    #[arg(long, value_name = "WHEN", value_parser = since)]
    pub since: Option<Timestamp>,
    /// Not after; a day counts to its end
    #[arg(long, value_name = "WHEN", value_parser = until)]
    pub until: Option<Timestamp>,
    /// Only of this person or service, by the name on its machine or its login
    #[arg(long, value_name = "WHO")]
    pub actor: Option<String>,
    /// Only such: run-started, completed, failed, drift-approved, …; more with commas
    #[arg(long, value_name = "ACTION", value_delimiter = ',', value_parser = super::period::action)]
    pub action: Vec<dbvc_engine::audit::AuditAction>,
    /// Only about this migration
    #[arg(long, value_name = "MIGRATION-ID")]
    pub migration: Option<String>,
}

/// `audit log`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc audit log                                     the last 50 events
  dbvc audit log -e production --since 2026-11-01 --actor ann
  dbvc audit log --action failed,run-failed --limit 0
  dbvc audit log --migration 1.2.0 --json
  dbvc audit log --from archive                      as the sink `archive` has it
  dbvc audit log --from archive --chain 01a1ff77-…   a chain of before a restart
  dbvc audit log --follow                            go on and show each new one, until Ctrl-C")]
pub struct AuditLogArgs {
    /// Which events.
    #[command(flatten)]
    pub filter: AuditFilterArgs,
    /// Only the newest so many; 0 for all
    #[arg(long, value_name = "N", default_value_t = 50)]
    pub limit: u32,
    /// Where to read: the database itself (`target`), or a sink
    #[arg(long, value_name = "SINK", default_value = "target")]
    pub from: String,
    /// The chain to read of that sink: one of before a restart, which the database has no more
    #[arg(long, value_name = "CHAIN", requires = "from")]
    pub chain: Option<String>,
    /// Go on and show new events as they come; with --json one object a line
    #[arg(long)]
    pub follow: bool,
}

/// `audit verify`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc audit verify                            the chain in the database, and the same in every sink
  dbvc audit verify --sink archive             only this sink, and the chain in the database
  dbvc audit verify --no-sinks                 only the chain in the database
  dbvc audit verify --anchors heads.jsonl      against heads that were kept elsewhere
  dbvc audit verify --anchors git              against those in the notes of the repository
  dbvc audit verify --public-key audit.pub     the signatures, too

Exit code 1 when anything is not as it was written; 9 when all that could be read is, and a sink could not be read.")]
pub struct AuditVerifyArgs {
    /// Only this sink; may be repeated
    #[arg(long, value_name = "NAME")]
    pub sink: Vec<String>,
    /// No sink at all
    #[arg(long, conflicts_with = "sink")]
    pub no_sinks: bool,
    /// What `audit anchor` wrote: a file, or `git`
    #[arg(long, value_name = "FILE|git")]
    pub anchors: Option<String>,
    /// The key that checks signatures, in PEM; else the setting `audit.public_key`
    #[arg(long, value_name = "FILE")]
    pub public_key: Option<PathBuf>,
}

/// What `audit note` tells of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Noted {
    /// A plan was made and handed on
    Planned,
    /// A plan or a release was approved
    Approved,
    /// A backup was made
    Backup,
    /// A backup was restored
    Restored,
}

/// `audit note`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc audit note approved --plan plan.json --by ann --reason \"CHG-123\" --reference https://tickets/CHG-123
  dbvc audit note backup --reason \"before 2.4.0\" --reference s3://backups/shop-2026-11-21
  dbvc audit note restored --reason \"disk failure\" --reference s3://backups/shop-2026-11-20

For what dbvc does not do itself: call it from the CI job that does. Whoever calls it is the event's actor; nothing of
what it says is checked. Write no secrets: the trail is never changed, and is shipped to every sink.")]
pub struct AuditNoteArgs {
    /// What happened
    #[arg(value_enum, value_name = "WHAT")]
    pub what: Noted,
    /// Why, or what it was about
    #[arg(long, value_name = "TEXT", value_parser = clap::builder::NonEmptyStringValueParser::new())]
    pub reason: String,
    /// Where more is to be found: a ticket, a job, the backup's place
    #[arg(long, value_name = "URL")]
    pub reference: Option<String>,
    /// Who did it, where that is somebody else
    #[arg(long, value_name = "WHO")]
    pub by: Option<String>,
    /// The plan that it is about, from `migrate --dry-run --json`: the event has its digest, as the run's events have
    #[arg(long, value_name = "FILE")]
    pub plan: Option<PathBuf>,
}

/// `--format` of `audit export`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum AuditFormat {
    /// Comma-separated values, one line an event
    Csv,
    /// A folder with the whole chain, its digests, signatures and head, and how to check them
    Bundle,
}

/// `audit export`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc audit export --format csv --output trail.csv --since 2026-10-01
  dbvc audit export --format csv --output -          to standard output
  dbvc audit export --format bundle --output trail   a folder; with several databases a folder for each")]
pub struct AuditExportArgs {
    /// What to write
    #[arg(long, value_enum, value_name = "FORMAT")]
    pub format: AuditFormat,
    /// The file or folder, which must not be there yet; `-` for standard output
    #[arg(short, long, value_name = "PATH")]
    pub output: PathBuf,
    /// Where to read: the database itself (`target`), or a sink
    #[arg(long, value_name = "SINK", default_value = "target")]
    pub from: String,
    /// The chain to read of that sink: one of before a restart, which the database has no more
    #[arg(long, value_name = "CHAIN", requires = "from")]
    pub chain: Option<String>,
    /// Which events.
    #[command(flatten)]
    pub filter: AuditFilterArgs,
}

/// `audit report`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc audit report --since 2026-10-01 --until 2026-12-31 --output q4.html
  dbvc audit report --database all --since 30d --output month.html

One page for all databases that are meant: who did what, when and why, what failed, what drifted, who approved, and
whether the chains are intact. It loads nothing and can be printed.")]
pub struct AuditReportArgs {
    /// The period's beginning: a day, a moment, or how long ago (30d)
    #[arg(long, value_name = "WHEN", value_parser = since)]
    pub since: Option<Timestamp>,
    /// Its end; a day counts to its end
    #[arg(long, value_name = "WHEN", value_parser = until)]
    pub until: Option<Timestamp>,
    /// The page, which must not be there yet; `-` for standard output
    #[arg(short, long, value_name = "FILE")]
    pub output: PathBuf,
}

/// `audit anchor`.
#[derive(Debug, Clone, Args)]
#[command(after_help = "\
Examples:
  dbvc audit anchor                            print the head, to be written down elsewhere
  dbvc audit anchor --to heads.jsonl           a line more in a file that is kept elsewhere
  dbvc audit anchor --to git                   as a note on the commit, in refs/notes/dbvc-audit
  dbvc audit anchor --to sink:archive          as a document in a sink that keeps documents")]
pub struct AuditAnchorArgs {
    /// Where to: a file, to which a line is added, `git`, or `sink:NAME`; may be repeated
    #[arg(long, value_name = "FILE|git|sink:NAME")]
    pub to: Vec<String>,
}
