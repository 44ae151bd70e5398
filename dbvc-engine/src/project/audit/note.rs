//! One event by itself, about something that changes nothing else in the record.

use crate::audit::{AuditAction, AuditEvent};
use crate::diagnostic::Diagnostic;
use crate::driver::{Access, LAYOUT, LockAttempt};
use crate::error::DriverError;
use crate::observe::Event;
use crate::project::{Context, Failed};

impl Context<'_> {
    /// An event of whoever works in this context.
    pub fn event(&self, action: AuditAction) -> AuditEvent {
        let mut event = AuditEvent::new(action, self.run, &self.actor);
        event.environment.clone_from(&self.settings.environment);
        event.reason.clone_from(&self.reason);
        event.tool_version.clone_from(&self.tool_version);
        event
    }
}

/// Takes the lock for a moment and appends an event. A database without a trail is left as it is; where another run
/// holds the lock, that is said and nothing is appended.
pub async fn note(context: &Context<'_>, event: &AuditEvent) -> Result<(), Failed> {
    let failed = |error: DriverError| Failed::driver(&context.target, &error);
    let mut session = context.connect(Access::ReadWrite).await?;
    let survey = session.survey().await.map_err(failed)?;
    if survey.layout != Some(LAYOUT) {
        let _ = session.close().await;
        return Ok(());
    }
    let request = context.lock_request("audit");
    match session.try_lock(&request).await.map_err(failed)? {
        LockAttempt::Acquired(lease) => {
            let told = session.append(&lease.fence, &[event.draft()]).await;
            let unlocked = session.unlock(&lease).await;
            told.map_err(failed)?;
            unlocked.map_err(failed)?;
        }
        LockAttempt::Held(_) => {
            let warning = Diagnostic::warning(
                "DBVC8004",
                "another run holds the lock, so the audit trail does not tell of this",
            );
            context.observer.on(&Event::Diagnostic(&warning));
        }
    }
    let _ = session.close().await;
    Ok(())
}
