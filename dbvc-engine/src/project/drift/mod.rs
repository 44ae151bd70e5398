//! `drift`: what was changed past dbvc.

mod adopt;
mod look;
mod words;

use serde::Serialize;

use super::expected::checksum;
use super::migrate::give_back;
use super::{Context, Failed};
use crate::audit::{AuditAction, AuditEvent};
use crate::diff::{DiffOptions, Difference};
use crate::driver::{Access, Altered, LastChange, SnapshotEntry, SnapshotKind};
use crate::schema::{Database, ObjectKey};

pub use adopt::adopt_drift;
use look::{has_moved, look};
pub(super) use words::meanwhile;

/// What a live schema is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// The newest snapshot in the record.
    Snapshot,
    /// The migrations that are applied, run on a scratch database in the order and with the texts of the record.
    Migrations,
}

/// What was asked for.
#[derive(Debug, Clone, Copy, Default)]
pub struct DriftOptions {
    /// What to hold it against; the snapshot where there is one, else the migrations.
    pub against: Option<Against>,
    /// What is compared.
    pub compare: DiffOptions,
}

/// What a live schema was held against.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "from", rename_all = "kebab-case")]
pub enum Expected {
    /// A snapshot of the record.
    Snapshot(Box<SnapshotEntry>),
    /// The migrations that are applied, each with the text that ran. Owners and rights are not compared.
    Migrations {
        /// The newest version among them.
        version: String,
        /// What cannot be told of what they made, a sentence each.
        #[serde(skip_serializing_if = "Vec::is_empty")]
        unknown: Vec<String>,
    },
}

/// An object that is there and was changed, as the server tells of it.
#[derive(Debug, Clone, Serialize)]
pub struct Touched {
    /// Which.
    pub object: ObjectKey,
    /// When and by whom.
    #[serde(flatten)]
    pub last: LastChange,
}

/// The SQL that leads from one of the two schemas to the other.
#[derive(Debug, Clone, Serialize)]
pub struct Correction {
    /// The script. Before a statement that destroys data stands a comment that says so.
    pub sql: String,
    /// What is destroyed on the way.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<String>,
    /// What the adapter cannot write, with the reason.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub left_out: Vec<String>,
    /// Why the script cannot run in a transaction, where that is so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub no_transaction: Option<String>,
}

impl From<Altered> for Correction {
    fn from(altered: Altered) -> Self {
        let left_out = altered.left_out.iter();
        Self {
            left_out: left_out.map(|(key, reason)| format!("{key}: {reason}")).collect(),
            sql: altered.sql,
            losses: altered.losses,
            no_transaction: altered.no_transaction,
        }
    }
}

/// Whether the audit trail tells of something that was found.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct TrailTold {
    /// Why it does not; none where it does.
    pub untold: Option<String>,
}

/// What was changed past dbvc.
#[derive(Debug, Serialize)]
pub struct DriftReport {
    /// The database's name in the project.
    pub database: String,
    /// The environment's name.
    pub environment: String,
    /// What it was held against.
    pub expected: Expected,
    /// What leads from what is expected to what is there.
    #[serde(flatten)]
    pub found: Difference,
    /// What the server tells of the objects that differ.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub touched: Vec<Touched>,
    /// What makes the schema again what it should be; none where the adapter cannot write that, or nothing differs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub undo: Option<Correction>,
    /// What a migration holds that makes every other database as this one is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub adopt: Option<Correction>,
    /// The number of the snapshot that accepts it, where that was asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub approved: Option<u64>,
    /// Whether the audit trail tells of it; none where nothing differs, or it is accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub trail: Option<TrailTold>,
    /// What is expected.
    #[serde(skip)]
    pub before: Database,
    /// What is there.
    #[serde(skip)]
    pub after: Database,
}

/// Compares, and changes nothing; only the audit trail is told of what was found, each time it is found, where there is
/// one and the login may write to it.
pub async fn drift(context: &Context<'_>, options: &DriftOptions) -> Result<DriftReport, Failed> {
    let mut opening = context.open_database(Access::ReadOnly).await?;
    let report = look(context, &mut opening, options).await;
    opening.close().await;
    let mut report = report?;
    if !report.found.is_empty() {
        report.trail = Some(match context.tell_if_possible(&found(context, &report)).await {
            Ok(()) => TrailTold::default(),
            Err(untold) => TrailTold {
                untold: Some(untold.to_string()),
            },
        });
    }
    Ok(report)
}

/// What the audit trail is told: how much it is and against what, and the live schema's digest, so that the same drift
/// found again is known as the same. What it is about stays out: names may be secret, too.
fn found(context: &Context<'_>, report: &DriftReport) -> AuditEvent {
    let event = context
        .event(AuditAction::DriftFound)
        .with("changes", report.found.changes.len())
        .with("schema", checksum(&report.after.to_json()));
    match &report.expected {
        Expected::Snapshot(kept) => event.with("snapshot", kept.id),
        Expected::Migrations { version, .. } => event.with("migrations", version),
    }
}

/// Compares, has what was found approved, and keeps the schema as it is as what is expected from now on, with who and
/// why ([`Context::reason`]). Where nothing differs nothing is kept.
pub async fn approve_drift(
    context: &Context<'_>,
    options: &DriftOptions,
    approve: &mut (dyn FnMut(&DriftReport) -> Result<(), Failed> + Send),
) -> Result<DriftReport, Failed> {
    let mut opening = context.open_database(Access::ReadWrite).await?;
    let mut report = match look(context, &mut opening, options).await {
        Ok(report) => report,
        Err(failed) => {
            opening.close().await;
            return Err(failed);
        }
    };
    if report.found.is_empty() {
        opening.close().await;
        return Ok(report);
    }
    approve(&report)?;
    let lease = context.take_lock(&mut opening, "drift --approve").await?;
    let kept = async {
        if has_moved(context, &mut opening).await? {
            return Err(meanwhile());
        }
        let new = context.new_snapshot(SnapshotKind::Approved, None, &report.after);
        let kept = opening.session.keep_snapshot(&lease.fence, &new).await;
        kept.map_err(|error| Failed::driver(&context.target, &error))
    }
    .await;
    match kept {
        Ok(id) => report.approved = Some(id),
        Err(failed) => return Err(give_back(opening, &lease, failed).await),
    }
    let unlocked = opening.session.unlock(&lease).await;
    opening.close().await;
    unlocked.map_err(|error| Failed::driver(&context.target, &error))?;
    Ok(report)
}
