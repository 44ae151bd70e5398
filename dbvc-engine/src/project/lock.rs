//! `lock status` and `lock break`.

use serde::Serialize;

use super::{Context, ExitClass, Failed, audit};
use crate::audit::{AuditAction, AuditEvent};
use crate::diagnostic::Diagnostic;
use crate::driver::{Access, Holder};
use crate::error::ErrorKind;
use crate::lock::LOCK_NAME;

/// Who holds the lock of one database.
#[derive(Debug, Serialize)]
pub struct LockReport {
    /// The database's name in the project.
    pub database: String,
    /// The environment's name.
    pub environment: String,
    /// The holder; none when the lock is free.
    pub holder: Option<Holder>,
}

/// Tells who holds the lock.
pub async fn lock_status(context: &Context<'_>) -> Result<LockReport, Failed> {
    let mut session = context.connect(Access::ReadOnly).await?;
    let holder = match session.holder(LOCK_NAME).await {
        Ok(holder) => holder,
        Err(error) if error.kind == ErrorKind::NotInstalled => None,
        Err(error) => return Err(Failed::driver(&context.target, &error)),
    };
    let _ = session.close().await;
    Ok(report(context, holder))
}

/// Takes the lock away from a dead holder; a live one keeps it unless `force` is said and the database can take it.
/// Returns the holder it was taken from, none when the lock was free.
pub async fn lock_break(
    context: &Context<'_>,
    force: bool,
    approve: &mut (dyn FnMut(&Holder) -> Result<(), Failed> + Send),
) -> Result<LockReport, Failed> {
    let LockReport { holder, .. } = lock_status(context).await?;
    let Some(holder) = holder else {
        return Ok(report(context, None));
    };
    let lives = holder.alive == Some(true);
    // A lock without an end is the process's own: nobody but the system can take it.
    if lives && (!force || holder.expires_at.is_none()) {
        return Err(alive(&holder));
    }
    approve(&holder)?;
    let mut session = context.connect(Access::ReadWrite).await?;
    context.trail_stands(session.as_mut()).await?;
    context.sinks_answer(session.as_mut()).await?;
    let broken = session
        .break_lock(LOCK_NAME, &holder)
        .await
        .map_err(|error| Failed::lock_kept(&context.target, &error))?;
    let _ = session.close().await;
    if broken {
        audit::note(context, &broken_lock(context, &holder)).await?;
        return Ok(report(context, Some(holder)));
    }
    Err(Failed::one(
        ExitClass::LockHeld,
        Diagnostic::error(
            "DBVC4013",
            "the lock changed hands meanwhile, or its holder lives; nothing was changed",
        )
        .help("`dbvc lock status` tells who holds it now"),
    ))
}

/// The event that tells whose lock was taken away.
pub(super) fn broken_lock(context: &Context<'_>, holder: &Holder) -> AuditEvent {
    let owner = &holder.owner;
    context
        .event(AuditAction::LockBroken)
        .with("holderRun", owner.run)
        .with("holderUser", &owner.actor.user)
        .with("holderHost", &owner.actor.host)
}

fn alive(holder: &Holder) -> Failed {
    let actor = &holder.owner.actor;
    let mut diagnostic = Diagnostic::error(
        "DBVC4012",
        "the lock's holder is alive, so its lock is not broken",
    )
    .note(format!(
        "{} on {} (process {}) runs `{}` since {}",
        actor.user, actor.host, holder.owner.pid, holder.owner.purpose, holder.acquired_at
    ))
    .help("wait for it, or stop that process: its lock is then free at once");
    if holder.expires_at.is_some() {
        diagnostic = diagnostic.help(
            "if it hangs and you cannot stop it: `dbvc lock break --force`; it cannot write any more after that",
        );
    }
    Failed::one(ExitClass::LockHeld, diagnostic)
}

fn report(context: &Context<'_>, holder: Option<Holder>) -> LockReport {
    LockReport {
        database: context.settings.database.clone(),
        environment: context.settings.environment.clone(),
        holder,
    }
}
