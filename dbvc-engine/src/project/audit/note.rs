//! One event by itself, about something that changes nothing else in the record.

use super::anchor::no_chain;
use crate::audit::{AuditAction, AuditEvent};
use crate::diagnostic::Diagnostic;
use crate::driver::{Access, LAYOUT, LockAttempt};
use crate::error::DriverError;
use crate::observe::Event;
use crate::plan::Plan;
use crate::project::migrate::give_back;
use crate::project::{Context, ExitClass, Failed};

impl Context<'_> {
    /// An event of whoever works in this context.
    pub fn event(&self, action: AuditAction) -> AuditEvent {
        let mut event = AuditEvent::new(action, self.run, &self.actor);
        event.environment.clone_from(&self.settings.environment);
        event.reason.clone_from(&self.reason);
        event.tool_version.clone_from(&self.tool_version);
        event
    }

    /// Tells the trail of something that was only seen, and ships it. Nobody asked for that, so nothing fails with it:
    /// why it was not told comes back.
    pub(in crate::project) async fn tell_if_possible(&self, event: &AuditEvent) -> Result<(), Untold> {
        if let Some(why) = &self.settings.audit.unusable {
            return Err(Untold::Hindered(why.clone()));
        }
        let hindered = |failed: Failed| {
            let told = failed.diagnostics.iter();
            let told = told.flat_map(|one| std::iter::once(&one.message).chain(&one.notes));
            Untold::Hindered(told.map(String::as_str).collect::<Vec<_>>().join("; "))
        };
        match append(self, event).await.map_err(hindered)? {
            Told::Yes => {}
            Told::NoTrail => return Err(Untold::NoTrail),
            Told::Held => return Err(Untold::Hindered("another run holds the lock".to_owned())),
        }
        self.ship_or_warn().await;
        Ok(())
    }

    /// A run that was refused before its first step: the trail is told and shipped, where there is one and this may write
    /// to it. What kept it from that is not told: the refusal itself matters more.
    pub(in crate::project) async fn refused(&self, failed: Failed) -> Failed {
        let class = match failed.exit {
            ExitClass::Drift => "drift",
            ExitClass::Findings | ExitClass::Usage => "refused",
            _ => return failed,
        };
        let mut codes: Vec<&str> = failed
            .diagnostics
            .iter()
            .filter(|told| told.is_error())
            .map(|told| told.code.as_str())
            .collect();
        codes.dedup();
        let mut event = self
            .event(AuditAction::RunFailed)
            .with("steps", 0)
            .with("codes", codes.join(","));
        event.outcome = Some("failure".to_owned());
        event.error_class = Some(class.to_owned());
        if let Err(untold) = self.tell_if_possible(&event).await {
            tracing::debug!(%untold, "the audit trail does not tell of the refused run");
        }
        failed
    }
}

/// Why the trail does not tell of something.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::project) enum Untold {
    /// There is none yet.
    NoTrail,
    /// It could not be written to.
    Hindered(String),
}

impl std::fmt::Display for Untold {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::NoTrail => f.write_str("the database keeps no audit trail yet"),
            Self::Hindered(why) => f.write_str(why),
        }
    }
}

/// What became of an event.
enum Told {
    Yes,
    /// There is no trail that it could stand in.
    NoTrail,
    /// Another run holds the lock.
    Held,
}

/// Takes the lock for a moment and appends an event. A database without a trail is left as it is; where another run
/// holds the lock, that is said and nothing is appended.
pub async fn note(context: &Context<'_>, event: &AuditEvent) -> Result<(), Failed> {
    if let Told::Held = append(context, event).await? {
        let warning = Diagnostic::warning(
            "DBVC8004",
            "another run holds the lock, so the audit trail does not tell of this",
        );
        context.observer.on(&Event::Diagnostic(&warning));
    }
    Ok(())
}

async fn append(context: &Context<'_>, event: &AuditEvent) -> Result<Told, Failed> {
    let failed = |error: DriverError| Failed::driver(&context.target, &error);
    let mut session = context.connect(Access::ReadWrite).await?;
    let survey = session.survey().await.map_err(failed)?;
    if survey.layout != Some(LAYOUT) {
        let _ = session.close().await;
        return Ok(Told::NoTrail);
    }
    if survey.trail != Some(true) {
        context.trail_stands(session.as_mut()).await?;
    }
    context.sinks_answer(session.as_mut()).await?;
    let request = context.lock_request("audit");
    let told = match session.try_lock(&request).await.map_err(failed)? {
        LockAttempt::Acquired(lease) => {
            let told = session.append(&lease.fence, &[event.draft()]).await;
            let unlocked = session.unlock(&lease).await;
            told.map_err(failed)?;
            unlocked.map_err(failed)?;
            Told::Yes
        }
        LockAttempt::Held(_) => Told::Held,
    };
    let _ = session.close().await;
    Ok(told)
}

/// Tells the trail of a plan that leaves dbvc as a script, to be approved or run elsewhere. Where that cannot be told,
/// people are: the plan itself is there all the same. A database without a trail has none yet.
pub async fn planned(context: &Context<'_>, plan: &Plan) {
    let mut event = context
        .event(AuditAction::Planned)
        .with("steps", plan.steps.len());
    event.plan_digest = Some(plan.digest());
    if let Err(Untold::Hindered(why)) = context.tell_if_possible(&event).await {
        let warning = Diagnostic::warning("DBVC8021", "the audit trail does not tell of this plan")
            .note(why)
            .help("`dbvc audit note planned --plan FILE` tells it later, with a login that may write");
        context.observer.on(&Event::Diagnostic(&warning));
    }
}

/// Tells the trail of something that happened outside of dbvc: an approval, a backup. Waits for the lock as a run does.
/// An error where the database keeps no trail.
pub async fn tell(context: &Context<'_>, event: &AuditEvent) -> Result<(), Failed> {
    let failed = |error: DriverError| Failed::driver(&context.target, &error);
    let mut opening = context.open_database(Access::ReadWrite).await?;
    if opening.survey.layout != Some(LAYOUT) {
        opening.close().await;
        return Err(no_chain(context));
    }
    let lease = context.take_lock(&mut opening, "audit note").await?;
    let told = opening.session.append(&lease.fence, &[event.draft()]).await;
    if let Err(error) = told {
        return Err(give_back(opening, &lease, failed(error)).await);
    }
    let unlocked = opening.session.unlock(&lease).await;
    opening.close().await;
    unlocked.map_err(failed)
}
