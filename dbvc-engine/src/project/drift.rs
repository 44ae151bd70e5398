//! `drift`: what was changed past dbvc.

use serde::Serialize;

use super::expected::moved_since;
use super::migrate::give_back;
use super::opening::Opening;
use super::{Context, ExitClass, Failed, replay};
use crate::diagnostic::Diagnostic;
use crate::diff::{DiffOptions, Difference, diff};
use crate::driver::{Access, Altered, LastChange, SnapshotEntry, SnapshotKind};
use crate::schema::{Database, ObjectKey};

/// What a live schema is held against.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Against {
    /// The newest snapshot in the record.
    Snapshot,
    /// The migrations that are applied, run on a scratch database.
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
    /// The migrations that are applied. Owners and rights are not compared.
    Migrations {
        /// The newest version among them.
        version: String,
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
    /// What is expected.
    #[serde(skip)]
    pub before: Database,
    /// What is there.
    #[serde(skip)]
    pub after: Database,
}

/// Compares, and changes nothing.
pub async fn drift(context: &Context<'_>, options: &DriftOptions) -> Result<DriftReport, Failed> {
    let mut opening = context.open_database(Access::ReadOnly).await?;
    let report = look(context, &mut opening, options).await;
    opening.close().await;
    report
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

async fn look(
    context: &Context<'_>,
    opening: &mut Opening,
    options: &DriftOptions,
) -> Result<DriftReport, Failed> {
    let mut looked = once(context, opening, options).await?;
    let mut looks = 1;
    // A run that ended between our looks is no drift.
    while !looked.found.is_empty() && has_moved(context, opening).await? {
        if looks == LOOKS {
            return Err(meanwhile());
        }
        looks += 1;
        looked = once(context, opening, options).await?;
    }
    let Looked {
        expected,
        before,
        after,
        found,
    } = looked;
    let touched = touched(context, opening, &found, &after).await?;
    let way = |from: &Database, to: &Database| {
        let altered = context.driver.ddl()?.alter(from, to)?;
        (!found.is_empty()).then(|| Correction::from(altered))
    };
    let (database, environment) = context.names();
    Ok(DriftReport {
        database: database.to_owned(),
        environment: environment.to_owned(),
        undo: way(&after, &before),
        adopt: way(&before, &after),
        expected,
        found,
        touched,
        approved: None,
        before,
        after,
    })
}

/// How often it is looked, where runs come to their end meanwhile.
const LOOKS: u32 = 4;

/// What one look gave.
struct Looked {
    expected: Expected,
    before: Database,
    after: Database,
    found: Difference,
}

async fn once(
    context: &Context<'_>,
    opening: &mut Opening,
    options: &DriftOptions,
) -> Result<Looked, Failed> {
    let (expected, before, compare) = expected(context, opening, options).await?;
    let after = context.introspected(opening.session.as_mut()).await?;
    let found = diff(&before, &after, compare);
    Ok(Looked {
        expected,
        before,
        after,
        found,
    })
}

/// Whether the record says something else than a moment ago; what it says now is in the opening then.
async fn has_moved(context: &Context<'_>, opening: &mut Opening) -> Result<bool, Failed> {
    let seen = (opening.known.digest.clone(), opening.survey.snapshot);
    opening.ask_again(context).await?;
    Ok(seen != (opening.known.digest.clone(), opening.survey.snapshot))
}

/// What is expected, where that comes from, and what of it can be compared.
async fn expected(
    context: &Context<'_>,
    opening: &mut Opening,
    options: &DriftOptions,
) -> Result<(Expected, Database, DiffOptions), Failed> {
    let kept = match options.against {
        Some(Against::Migrations) => None,
        _ => context.newest_snapshot(opening).await?,
    };
    match (kept, options.against) {
        (Some(kept), _) => {
            if moved_since(&opening.known, &kept.entry) {
                return Err(outdated(&kept.entry, opening.survey.holder.is_some()));
            }
            let before = context.schema_of(&kept)?;
            Ok((Expected::Snapshot(Box::new(kept.entry)), before, options.compare))
        }
        (None, Some(Against::Snapshot)) => Err(nothing_expected(context)),
        (None, _) => {
            let newest = opening.known.current().map(|(version, _)| version.clone());
            let Some(version) = newest else {
                return Err(nothing_expected(context));
            };
            let before = Box::pin(replay(context, Some(&version))).await?;
            let compare = DiffOptions {
                // A scratch database has other owners, and rights of its own.
                owners: false,
                grants: false,
                ..options.compare
            };
            let version = version.to_string();
            Ok((Expected::Migrations { version }, before, compare))
        }
    }
}

/// What the server tells of the objects that are there and differ. A part of an object counts as the object.
async fn touched(
    context: &Context<'_>,
    opening: &mut Opening,
    found: &Difference,
    after: &Database,
) -> Result<Vec<Touched>, Failed> {
    let there: Vec<ObjectKey> = found
        .changes
        .iter()
        .map(|change| change.object.clone())
        .filter(|key| after.objects.contains_key(key))
        .collect();
    if there.is_empty() {
        return Ok(Vec::new());
    }
    let asked = context.unless_cancelled(opening.session.last_changes(&there));
    let known = asked
        .await?
        .map_err(|error| Failed::driver(&context.target, &error))?;
    let known = known
        .into_iter()
        .filter(|(_, last)| *last != LastChange::default());
    Ok(known.map(|(object, last)| Touched { object, last }).collect())
}

fn nothing_expected(context: &Context<'_>) -> Failed {
    Failed::one(
        ExitClass::Findings,
        Diagnostic::error(
            "DBVC3054",
            format!(
                "the record of {} keeps no snapshot to compare with",
                context.target
            ),
        )
        .note("its record keeps no snapshot, and no migration")
        .help(
            "when the schema is as it should be, take a snapshot: `dbvc snapshot`; each run then moves it on",
        ),
    )
}

fn outdated(kept: &SnapshotEntry, at_work: bool) -> Failed {
    let told = Diagnostic::error(
        "DBVC3056",
        format!(
            "migrations ran after the newest snapshot, of {}, so it does not tell what is expected now",
            kept.taken_at
        ),
    );
    let told = if at_work {
        told.note("a run is at work, and takes another one when it ends")
            .help("look again when it has ended; `dbvc lock status` tells")
    } else {
        told.note("a run that ends takes another one; this one could not").help(
            "compare with the migrations: `dbvc drift --against migrations`, or take another one: `dbvc snapshot`",
        )
    };
    Failed::one(ExitClass::Findings, told)
}

fn meanwhile() -> Failed {
    Failed::one(
        ExitClass::Findings,
        Diagnostic::error(
            "DBVC3057",
            "the database was migrated or another snapshot taken while it was compared",
        )
        .note("nothing was approved")
        .help("look again: `dbvc drift`"),
    )
}
