//! `audit note`: what happened outside of dbvc and belongs into the trail.

use dbvc_engine::audit::AuditAction;
use dbvc_engine::project::audit::tell;
use serde_json::json;

use crate::app::App;
use crate::args::{AuditNoteArgs, Noted};
use crate::commands::plan;
use crate::config::Config;
use crate::stop::{Done, Failing, Stop};
use crate::trail::Trail;
use crate::work::{Work, each_with};

pub(super) async fn run(app: &App, config: &Config, args: &AuditNoteArgs) -> Result<Done, Stop> {
    each_with(app, config, Some(&args.reason), Trail::Ship, async |work| {
        one(work, args).await
    })
    .await
}

async fn one(work: &Work<'_>, args: &AuditNoteArgs) -> Failing<Done> {
    work.heading();
    let action = match args.what {
        Noted::Planned => AuditAction::Planned,
        Noted::Approved => AuditAction::Approved,
        Noted::Backup => AuditAction::Backup,
        Noted::Restored => AuditAction::Restored,
    };
    let mut event = work.context.event(action);
    if let Some(reference) = &args.reference {
        event = event.with("reference", work.context.target.redact(reference));
    }
    if let Some(by) = &args.by {
        event = event.with("by", by);
    }
    if let Some(path) = &args.plan {
        event.plan_digest = Some(plan::read(work, path)?.digest());
    }
    tell(&work.context, &event).await?;
    work.output.say(format!("noted  {}", action.word()));
    Ok(Done::well(json!({
        "database": work.context.settings.database,
        "environment": work.context.settings.environment,
        "action": action,
        "planDigest": event.plan_digest,
        "details": event.details,
    })))
}
