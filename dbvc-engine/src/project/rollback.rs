//! `rollback`: take migrations out of a database.

use std::collections::BTreeMap;
use std::time::Instant;

use super::audit::texts::check_undo;
use super::migrate::{Approve, Begun, Ready, finished, give_back, report, stop_if_blocked};
use super::opening::Opening;
use super::{Context, Failed, InFlight, MigrateReport};
use crate::driver::Access;
use crate::execute::RunReport;
use crate::migration::MigrationKey;
use crate::plan::{Known, Plan, RollbackOptions, Standing, rollback as plan};

/// Plans without touching anything, on a connection that cannot write.
pub async fn plan_rollback(context: &Context<'_>, options: &RollbackOptions) -> Result<Plan, Failed> {
    let mut opening = context.open(Access::ReadOnly).await?;
    let plan = make_plan(context, &mut opening, options).await;
    opening.close().await;
    plan
}

/// Plans, asks for approval, takes the lock and runs.
pub async fn rollback(
    context: &Context<'_>,
    options: &RollbackOptions,
    in_flight: Option<InFlight>,
    approve: &mut Approve<'_>,
) -> Result<MigrateReport, Failed> {
    let clock = Instant::now();
    let Ready { opening, lease, plan } = match begin(context, options, approve).await {
        Ok(Begun::Ready(ready)) => *ready,
        Ok(Begun::Idle(plan)) => return Ok(report(plan, RunReport::default(), clock)),
        Err(failed) => return Err(context.refused(failed).await),
    };
    let after = version_after(&opening.known, &plan);
    let ran = context.run_locked(opening, lease, &plan, in_flight).await?;
    finished(plan, ran, clock).map(|report| MigrateReport { to: after, ..report })
}

async fn begin(
    context: &Context<'_>,
    options: &RollbackOptions,
    approve: &mut Approve<'_>,
) -> Result<Begun, Failed> {
    let mut opening = context.open(Access::ReadWrite).await?;
    let mut chosen = make_plan(context, &mut opening, options).await?;
    let waits = opening.must_wait(&chosen);
    if !waits {
        stop_if_blocked(&chosen)?;
        if chosen.steps.is_empty() {
            opening.close().await;
            return Ok(Begun::Idle(chosen));
        }
        approve(&chosen)?;
    }
    let lease = context.take_lock_for_work(&mut opening, "rollback").await?;
    let seen = chosen.history.clone();
    if let Err(failed) = opening.ask_again(context).await {
        return Err(give_back(opening, &lease, failed).await);
    }
    if waits || opening.known.digest != seen {
        let again = make_plan(context, &mut opening, options).await;
        match again.and_then(|plan| {
            stop_if_blocked(&plan)
                .and_then(|()| approve(&plan))
                .map(|()| plan)
        }) {
            Ok(plan) => chosen = plan,
            Err(failed) => return Err(give_back(opening, &lease, failed).await),
        }
    }
    Ok(Begun::ready(opening, lease, chosen))
}

/// Plans twice: once to learn which undo texts only the database has, and again with them.
async fn make_plan(
    context: &Context<'_>,
    opening: &mut Opening,
    options: &RollbackOptions,
) -> Result<Plan, Failed> {
    let standings = opening.standings(context);
    let mut asked: Vec<MigrationKey> = Vec::new();
    let first = planned(context, &opening.known, &standings, options, &mut |key| {
        asked.push(key.clone());
        None
    });
    if asked.is_empty() {
        return Ok(first);
    }
    let mut kept: BTreeMap<MigrationKey, String> = BTreeMap::new();
    for key in asked {
        let registration = opening
            .session
            .registration(&key.to_string())
            .await
            .map_err(|error| Failed::driver(&context.target, &error))?;
        if let Some(text) = registration.and_then(|registration| registration.down_script) {
            kept.insert(key, text);
        }
    }
    let texts = kept.iter().map(|(key, text)| (key.to_string(), text.as_str()));
    let layout = opening.survey.layout;
    let mut edited = check_undo(opening.session.as_mut(), layout, &texts.collect())
        .await
        .map_err(|error| Failed::driver(&context.target, &error))?;
    let mut plan = planned(context, &opening.known, &standings, options, &mut |key| {
        kept.get(key).cloned()
    });
    plan.findings.append(&mut edited);
    Ok(plan)
}

fn planned(
    context: &Context<'_>,
    known: &Known,
    standings: &[Standing],
    options: &RollbackOptions,
    stored: &mut crate::plan::StoredUndo<'_>,
) -> Plan {
    plan(
        context.names(),
        known,
        standings,
        options,
        stored,
        &mut |script| context.facts(script),
    )
}

fn version_after(known: &Known, plan: &Plan) -> Option<String> {
    let gone = |version: &crate::migration::Version| {
        plan.steps
            .iter()
            .any(|step| step.migration.version() == Some(version))
    };
    known
        .present()
        .rev()
        .map(|(version, _)| version)
        .find(|version| !gone(version))
        .map(ToString::to_string)
}
