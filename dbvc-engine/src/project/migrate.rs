//! `migrate`: bring a database to its newest version.

use std::time::Instant;

use serde::Serialize;

use super::opening::Opening;
use super::{Context, ExitClass, Failed, InFlight, StepReport};
use crate::diagnostic::Diagnostic;
use crate::driver::{Access, Lease};
use crate::execute::RunReport;
use crate::migration::Version;
use crate::plan::{MigrateOptions, Plan, migrate as plan};

/// What was asked for.
#[derive(Debug, Clone, Default)]
pub struct MigrateRequest {
    /// How far, and what is allowed.
    pub options: MigrateOptions,
    /// The operator's word on a broken-off statement whose effect cannot be told.
    pub in_flight: Option<InFlight>,
}

/// What a run did.
#[derive(Debug, Serialize)]
pub struct MigrateReport {
    /// The database's name in the project.
    pub database: String,
    /// The environment's name.
    pub environment: String,
    /// The version before.
    pub from: Option<String>,
    /// The version after.
    pub to: Option<String>,
    /// What became of each step.
    pub steps: Vec<StepReport>,
    /// What was to be said about the plan.
    pub findings: Vec<Diagnostic>,
    /// How long it all took, in milliseconds.
    pub duration_ms: u64,
}

/// Asked once the plan is known and before anything is touched; an error stops the run.
pub type Approve<'a> = dyn FnMut(&Plan) -> Result<(), Failed> + Send + 'a;

/// Plans without touching anything, on a connection that cannot write.
pub async fn plan_migrate(context: &Context<'_>, request: &MigrateRequest) -> Result<Plan, Failed> {
    let opening = context.open(Access::ReadOnly).await?;
    let plan = make_plan(context, &opening, request);
    opening.close().await;
    Ok(plan)
}

/// How far a run came before its first step.
pub(super) enum Begun {
    /// There is nothing to do. That is not told to the audit trail: nothing was changed.
    Idle(Plan),
    /// The lock is held, and the plan may run.
    Ready(Box<Ready>),
}

/// What a run begins with.
pub(super) struct Ready {
    pub(super) opening: Opening,
    pub(super) lease: Lease,
    pub(super) plan: Plan,
}

/// Plans, asks for approval, takes the lock and runs.
pub async fn migrate(
    context: &Context<'_>,
    request: &MigrateRequest,
    approve: &mut Approve<'_>,
) -> Result<MigrateReport, Failed> {
    let clock = Instant::now();
    let begun = begin(context, request, approve).await;
    carry_out(context, begun, request.in_flight, clock).await
}

/// Runs exactly a plan that was saved, or refuses: the history and every file must be as they were.
pub async fn migrate_plan(
    context: &Context<'_>,
    saved: &Plan,
    approve: &mut Approve<'_>,
) -> Result<MigrateReport, Failed> {
    let clock = Instant::now();
    let begun = begin_saved(context, saved, approve).await;
    carry_out(context, begun, None, clock).await
}

async fn carry_out(
    context: &Context<'_>,
    begun: Result<Begun, Failed>,
    in_flight: Option<InFlight>,
    clock: Instant,
) -> Result<MigrateReport, Failed> {
    let Ready { opening, lease, plan } = match begun {
        Ok(Begun::Ready(ready)) => *ready,
        Ok(Begun::Idle(plan)) => return Ok(report(plan, RunReport::default(), clock)),
        Err(failed) => return Err(context.refused(failed).await),
    };
    let ran = context.run_locked(opening, lease, &plan, in_flight).await?;
    finished(plan, ran, clock)
}

async fn begin(
    context: &Context<'_>,
    request: &MigrateRequest,
    approve: &mut Approve<'_>,
) -> Result<Begun, Failed> {
    let mut opening = context.open(Access::ReadWrite).await?;
    let mut plan = make_plan(context, &opening, request);
    let waits = opening.must_wait(&plan);
    if !waits {
        stop_if_blocked(&plan)?;
        if plan.steps.is_empty() {
            opening.close().await;
            return Ok(Begun::Idle(plan));
        }
        approve(&plan)?;
    }
    let lease = context.take_lock_for_work(&mut opening, "migrate").await?;
    let seen = plan.history.clone();
    if let Err(failed) = opening.ask_again(context).await {
        return Err(give_back(opening, &lease, failed).await);
    }
    if waits || opening.known.digest != seen {
        plan = make_plan(context, &opening, request);
        if let Err(failed) = stop_if_blocked(&plan).and_then(|()| approve(&plan)) {
            return Err(give_back(opening, &lease, failed).await);
        }
    }
    Ok(Begun::ready(opening, lease, plan))
}

impl Begun {
    pub(super) fn ready(opening: Opening, lease: Lease, plan: Plan) -> Self {
        Self::Ready(Box::new(Ready { opening, lease, plan }))
    }
}

async fn begin_saved(
    context: &Context<'_>,
    saved: &Plan,
    approve: &mut Approve<'_>,
) -> Result<Begun, Failed> {
    let mut opening = context.open(Access::ReadWrite).await?;
    let wanted = (saved.database.as_str(), saved.environment.as_str());
    if wanted != context.names() {
        return Err(Failed::one(
            ExitClass::Usage,
            Diagnostic::error(
                "DBVC3031",
                format!("the plan is for database {} in {}", wanted.0, wanted.1),
            )
            .note(format!(
                "this run is for {} in {}",
                context.names().0,
                context.names().1
            ))
            .help("choose them with `--database` and `--environment`"),
        ));
    }
    same_history(saved, &opening)?;
    same_files(context, saved)?;
    stop_if_blocked(saved)?;
    if saved.steps.is_empty() {
        opening.close().await;
        return Ok(Begun::Idle(saved.clone()));
    }
    approve(saved)?;
    let lease = context.take_lock_for_work(&mut opening, "migrate").await?;
    let checked = match opening.ask_again(context).await {
        Ok(()) => same_history(saved, &opening),
        Err(failed) => Err(failed),
    };
    if let Err(failed) = checked {
        return Err(give_back(opening, &lease, failed).await);
    }
    Ok(Begun::ready(opening, lease, saved.clone()))
}

fn make_plan(context: &Context<'_>, opening: &Opening, request: &MigrateRequest) -> Plan {
    let mut options = request.options.clone();
    options.out_of_order |= context.settings.policy.out_of_order;
    options.require_undo |= context.settings.policy.require_undo;
    let standings = opening.standings(context);
    plan(
        context.names(),
        &opening.known,
        &standings,
        &options,
        &mut |script| context.file_facts(script),
    )
}

pub(super) fn stop_if_blocked(plan: &Plan) -> Result<(), Failed> {
    if plan.is_blocked() {
        Err(Failed::findings(plan.findings.clone()))
    } else {
        Ok(())
    }
}

/// Gives the lock back when the run ends before it began.
pub(super) async fn give_back(mut opening: Opening, lease: &Lease, failed: Failed) -> Failed {
    // The lock ends with the session in any case.
    let _ = opening.session.unlock(lease).await;
    opening.close().await;
    failed
}

fn same_history(saved: &Plan, opening: &Opening) -> Result<(), Failed> {
    if saved.history == opening.known.digest {
        return Ok(());
    }
    Err(Failed::one(
        ExitClass::Findings,
        Diagnostic::error(
            "DBVC3030",
            "the database is no longer as it was when the plan was made",
        )
        .note("something was migrated, undone or fixed in between; nothing was changed now")
        .help("make the plan again and have it approved again: `dbvc migrate --dry-run --json > plan.json`"),
    ))
}

fn same_files(context: &Context<'_>, saved: &Plan) -> Result<(), Failed> {
    let set = context.read_files()?;
    let changed: Vec<Diagnostic> = saved
        .steps
        .iter()
        .filter(|step| {
            set.get(&step.migration)
                .is_none_or(|migration| migration.up.checksum != step.checksum)
        })
        .map(|step| {
            Diagnostic::error(
                "DBVC3032",
                format!("{} is no longer what the plan was made with", step.name()),
            )
            .help("put the file back, or make the plan again and have it approved again")
        })
        .collect();
    if changed.is_empty() {
        Ok(())
    } else {
        Err(Failed::findings(changed))
    }
}

pub(super) fn finished(plan: Plan, ran: RunReport, clock: Instant) -> Result<MigrateReport, Failed> {
    let RunReport { steps, failure } = ran;
    match failure {
        None => Ok(report(plan, RunReport { steps, failure: None }, clock)),
        Some(failure) => Err(Failed {
            steps,
            ..Failed::step(failure)
        }),
    }
}

pub(super) fn report(plan: Plan, ran: RunReport, clock: Instant) -> MigrateReport {
    let current = plan
        .current
        .as_deref()
        .and_then(|text| Version::detect(text).ok());
    let applied = plan
        .steps
        .iter()
        .filter(|step| step.action == crate::driver::Action::Migrate)
        .filter_map(|step| step.migration.version().cloned());
    let newest = applied.chain(current).max().map(|version| version.to_string());
    MigrateReport {
        database: plan.database,
        environment: plan.environment,
        to: newest,
        from: plan.current,
        steps: ran.steps,
        findings: plan.findings,
        duration_ms: u64::try_from(clock.elapsed().as_millis()).unwrap_or(u64::MAX),
    }
}
