//! `verify`: hold the record against the files, and correct it on request.

use serde::Serialize;

use super::lock::broken_lock;
use super::migrate::give_back;
use super::opening::Opening;
use super::{Context, Failed, audit};
use crate::audit::AuditAction;
use crate::diagnostic::Diagnostic;
use crate::driver::{Access, Action, Applied, AppliedState, End, EntryStatus, Holder, Lease, NewExecution};
use crate::error::DriverError;
use crate::lock::LOCK_NAME;
use crate::migration::MigrationKey;
use crate::plan::{MigrateOptions, ScriptFacts, Standing, State, migrate as plan};

/// What was asked for.
#[derive(Debug, Clone, Default)]
pub struct VerifyOptions {
    /// Correct what can be corrected.
    pub fix: bool,
    /// Only this migration. A half-applied one is accepted as it stands only when it is named here.
    pub only: Option<MigrationKey>,
}

/// What was found, and what was corrected.
#[derive(Debug, Serialize)]
pub struct VerifyReport {
    /// The database's name in the project.
    pub database: String,
    /// The environment's name.
    pub environment: String,
    /// Migrations held against the record.
    pub checked: usize,
    /// What is wrong.
    pub findings: Vec<Diagnostic>,
    /// What was corrected, one sentence each.
    pub fixed: Vec<String>,
}

impl VerifyReport {
    /// Whether something is wrong and stays so.
    pub fn is_faulty(&self) -> bool {
        self.findings.iter().any(Diagnostic::is_error)
    }
}

/// A correction of the record.
struct Correction {
    standing: Standing,
    sentence: String,
}

/// Compares, and with [`VerifyOptions::fix`] corrects the record: never the schema. `approve` is shown the
/// corrections before the lock is taken.
pub async fn verify(
    context: &Context<'_>,
    options: &VerifyOptions,
    approve: &mut (dyn FnMut(&[String]) -> Result<(), Failed> + Send),
) -> Result<VerifyReport, Failed> {
    let access = if options.fix {
        Access::ReadWrite
    } else {
        Access::ReadOnly
    };
    let mut opening = context.open(access).await?;
    let mut report = look(context, &opening);
    if options.fix {
        let mut fixed = free_dead_lock(context, &mut opening).await?;
        let corrections = corrections(&opening.standings(context), options);
        if !corrections.is_empty() {
            let sentences: Vec<String> = corrections.iter().map(|one| one.sentence.clone()).collect();
            approve(&sentences)?;
            let lease = context.take_lock(&mut opening, "verify --fix").await?;
            if let Err(failed) = correct(context, &mut opening, &lease, options).await {
                return Err(give_back(opening, &lease, failed).await);
            }
            let _ = opening.session.unlock(&lease).await;
            fixed.extend(sentences);
        }
        opening.ask_again(context).await?;
        report = VerifyReport {
            fixed,
            ..look(context, &opening)
        };
    }
    opening.close().await;
    Ok(report)
}

fn look(context: &Context<'_>, opening: &Opening) -> VerifyReport {
    let standings = opening.standings(context);
    let options = MigrateOptions {
        out_of_order: true,
        ..MigrateOptions::default()
    };
    let mut findings = plan(context.names(), &opening.known, &standings, &options, &mut |_| {
        Ok(ScriptFacts::default())
    })
    .findings;
    findings.extend(
        standings
            .iter()
            .filter(|standing| standing.state == State::Partial)
            .map(half_applied),
    );
    findings.extend(
        opening
            .survey
            .holder
            .as_ref()
            .filter(|holder| is_dead(holder))
            .map(dead_lock),
    );
    let (database, environment) = context.names();
    VerifyReport {
        database: database.to_owned(),
        environment: environment.to_owned(),
        checked: standings.len(),
        findings,
        fixed: Vec::new(),
    }
}

fn half_applied(standing: &Standing) -> Diagnostic {
    let done = standing
        .applied
        .as_ref()
        .map_or(0, |applied| applied.statements_done);
    Diagnostic::error(
        "DBVC3013",
        format!(
            "{} is only partly applied: {done} statements are done",
            standing.key
        ),
    )
    .help("finish it: `dbvc migrate`")
    .help(format!(
        "or, when you completed it by hand: `dbvc verify --fix {}`",
        standing.key
    ))
}

fn is_dead(holder: &Holder) -> bool {
    holder.alive == Some(false) || (holder.alive.is_none() && holder.expired)
}

fn dead_lock(holder: &Holder) -> Diagnostic {
    Diagnostic::warning("DBVC4014", "the lock is marked as held, but its holder is gone")
        .note(format!(
            "{} on {} since {}",
            holder.owner.actor.user, holder.owner.actor.host, holder.acquired_at
        ))
        .help("nothing needs to be done: the next run takes it over; `dbvc verify --fix` clears it now")
}

async fn free_dead_lock(context: &Context<'_>, opening: &mut Opening) -> Result<Vec<String>, Failed> {
    let Some(holder) = opening.survey.holder.clone().filter(is_dead) else {
        return Ok(Vec::new());
    };
    context.trail_stands(opening.session.as_mut()).await?;
    context.sinks_answer(opening.session.as_mut()).await?;
    let broken = opening
        .session
        .break_lock(LOCK_NAME, &holder)
        .await
        .map_err(|error| Failed::lock_kept(&context.target, &error))?;
    if broken {
        audit::note(context, &broken_lock(context, &holder)).await?;
    }
    Ok(broken
        .then(|| {
            format!(
                "cleared the lock of {} on {}",
                holder.owner.actor.user, holder.owner.actor.host
            )
        })
        .into_iter()
        .collect())
}

fn corrections(standings: &[Standing], options: &VerifyOptions) -> Vec<Correction> {
    standings
        .iter()
        .filter(|standing| options.only.as_ref().is_none_or(|only| only == &standing.key))
        .filter_map(|standing| {
            let sentence = match standing.state {
                State::Changed => format!("accept the file of {} as it is now", standing.key),
                State::Missing => format!("accept that {} has no file any more", standing.key),
                State::Partial | State::PartlyUndone if options.only.is_some() => {
                    format!("take {} as applied in whole", standing.key)
                }
                _ => return None,
            };
            Some(Correction {
                standing: standing.clone(),
                sentence,
            })
        })
        .collect()
}

async fn correct(
    context: &Context<'_>,
    opening: &mut Opening,
    lease: &Lease,
    options: &VerifyOptions,
) -> Result<(), Failed> {
    let failed = |error: DriverError| Failed::driver(&context.target, &error);
    opening.ask_again(context).await?;
    let verified = context.event(AuditAction::Verified).draft();
    opening
        .session
        .append(&lease.fence, &[verified])
        .await
        .map_err(failed)?;
    for correction in corrections(&opening.standings(context), options) {
        let Some(applied) = &correction.standing.applied else {
            continue;
        };
        let entry = entry(context, &correction, applied);
        let end = End {
            status: EntryStatus::Completed,
            statements_done: 0,
            duration: None,
            error: None,
            state: Some(match correction.standing.migration {
                Some(_) => AppliedState::Applied,
                None => AppliedState::Baseline,
            }),
            error_class: None,
            of: None,
        };
        opening
            .session
            .record(&lease.fence, &entry, &end)
            .await
            .map_err(failed)?;
    }
    Ok(())
}

fn entry(context: &Context<'_>, correction: &Correction, applied: &Applied) -> NewExecution {
    let migration = correction.standing.migration.as_ref();
    NewExecution {
        run: context.run,
        action: Action::Fix,
        migration: applied.migration.clone(),
        version: applied.version.clone(),
        description: migration.map_or_else(
            || applied.description.clone(),
            |migration| migration.description.clone(),
        ),
        kind: applied.kind.clone(),
        script: migration.map_or_else(|| applied.script.clone(), |migration| migration.up.name()),
        checksum: migration.map_or_else(
            || applied.checksum.clone(),
            |migration| migration.up.checksum.to_string(),
        ),
        registration: None,
        statements: 0,
        transactional: true,
        actor: context.actor.clone(),
        environment: context.settings.environment.clone(),
        reason: Some(
            context
                .reason
                .clone()
                .unwrap_or_else(|| correction.sentence.clone()),
        ),
        tool_version: context.tool_version.clone(),
        in_run: None,
    }
}
