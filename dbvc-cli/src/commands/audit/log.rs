//! `audit log`: what happened, oldest first.

use std::time::Duration;

use dbvc_engine::project::audit::{LogRequest, LoggedEvent, log};
use serde_json::json;

use super::request;
use crate::app::App;
use crate::args::AuditLogArgs;
use crate::config::Config;
use crate::render::{clean, json as value_of, table};
use crate::stop::{Done, Failing, Stop};
use crate::trail::Trail;
use crate::work::{Work, each_with};

/// How often `--follow` looks for new events.
const PAUSE: Duration = Duration::from_secs(1);

pub(super) async fn run(app: &App, config: &Config, args: &AuditLogArgs) -> Result<Done, Stop> {
    if args.follow && config.databases.len() > 1 {
        let problem = dbvc_engine::diagnostic::Diagnostic::error(
            crate::codes::WORDS,
            "`--follow` follows one database",
        );
        return Err(Stop::usage(problem.help("choose it with `--database NAME`")));
    }
    each_with(app, config, None, Trail::Read, async |work| {
        one(app, work, args).await
    })
    .await
}

async fn one(app: &App, work: &Work<'_>, args: &AuditLogArgs) -> Failing<Done> {
    work.heading();
    let mut request = request(app, work, &args.filter, &args.from)?;
    request.filter.limit = (args.limit > 0).then_some(args.limit as usize);
    if args.follow {
        return follow(app, work, request).await;
    }
    let events = log(&work.context, &request).await?;
    if events.is_empty() {
        work.output.say("no such event");
    } else {
        let header = ["#", "when", "action", "what", "by", "outcome", "why"];
        work.output
            .say(table(&header, events.iter().map(cells).collect()));
    }
    Ok(Done::well(json!({
        "database": work.context.settings.database,
        "environment": work.context.settings.environment,
        "events": value_of(&events),
    })))
}

async fn follow(app: &App, work: &Work<'_>, mut request: LogRequest) -> Failing<Done> {
    loop {
        for event in log(&work.context, &request).await? {
            request.filter.after = request.filter.after.max(event.event.sequence);
            if work.output.json {
                work.output.json_line(&value_of(&event));
            } else {
                // A reason with a line end must not look like another event.
                let line = cells(&event).join("  ").replace(['\n', '\r'], " ");
                work.output.say(clean(&line));
            }
        }
        // The first look showed the newest; from now on every new one counts.
        request.filter.limit = None;
        tokio::select! {
            () = app.interrupt.token.cancelled() => return Ok(Done::silently()),
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

fn cells(logged: &LoggedEvent) -> Vec<String> {
    let event = &logged.event;
    let script = event.script.as_ref().or(event.migration.as_ref());
    let details = event
        .details
        .iter()
        .map(|(name, value)| format!("{name} {value}"));
    let details = || details.collect::<Vec<_>>().join(", ");
    let outcome = event.error_class.as_ref().or(event.outcome.as_ref());
    vec![
        event.sequence.to_string(),
        event.at.clone(),
        event.action.word(),
        script.cloned().unwrap_or_else(details),
        event.actor.to_string(),
        outcome.cloned().unwrap_or_default(),
        event.reason.clone().unwrap_or_default(),
    ]
}
