//! `audit log`: what happened, oldest first.

use std::time::Duration;

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::project::audit::{Log, LogRequest, LoggedEvent, Reader, log};
use serde_json::json;

use super::{ordered, request};
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
        let problem = Diagnostic::error(crate::codes::WORDS, "`--follow` follows one database");
        return Err(Stop::usage(problem.help("choose it with `--database NAME`")));
    }
    each_with(app, config, None, Trail::Read, async |work| {
        one(app, work, args).await
    })
    .await
}

async fn one(app: &App, work: &Work<'_>, args: &AuditLogArgs) -> Failing<Done> {
    work.heading();
    let mut request = request(app, work, &args.filter, (&args.from, args.chain.as_deref()))?;
    ordered(args.filter.since, args.filter.until)?;
    request.filter.limit = (args.limit > 0).then_some(args.limit as usize);
    if args.follow {
        return follow(app, work, request).await;
    }
    let log = log(&work.context, &request).await?;
    let events = &log.events;
    if events.is_empty() {
        work.output.say("no such event");
    } else {
        let header = ["#", "when", "action", "what", "by", "outcome", "why"];
        work.output
            .say(table(&header, events.iter().map(cells).collect()));
    }
    unreadable(work, &log);
    Ok(Done::well(json!({
        "database": work.context.settings.database,
        "environment": work.context.settings.environment,
        "events": value_of(events),
        "unreadable": value_of(&log.unreadable),
    })))
}

async fn follow(app: &App, work: &Work<'_>, mut request: LogRequest) -> Failing<Done> {
    let mut reader = Reader::open(&work.context, &request).await?;
    loop {
        let log = reader.read(&request.filter).await?;
        unreadable(work, &log);
        let skipped = log.unreadable.iter().map(|found| found.sequence).max();
        request.filter.after = request.filter.after.max(skipped.unwrap_or_default());
        for event in log.events {
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
            () = app.interrupt.token.cancelled() => {
                reader.close().await;
                return Ok(Done::silently());
            }
            () = tokio::time::sleep(PAUSE) => {}
        }
    }
}

/// What is no event is not passed over in silence.
pub(super) fn unreadable(work: &Work<'_>, log: &Log) {
    for found in &log.unreadable {
        let told = format!("event {} cannot be read", found.sequence);
        let told = Diagnostic::warning("DBVC8023", told)
            .note(found.problem.clone())
            .help("`dbvc audit verify` says what is wrong with the chain");
        work.output.diagnostics(&[told]);
    }
}

fn cells(logged: &LoggedEvent) -> Vec<String> {
    let event = &logged.event;
    vec![
        event.sequence.to_string(),
        event.at.clone(),
        event.action.word(),
        event.about(),
        event.actor.to_string(),
        event.ended(),
        event.reason.clone().unwrap_or_default(),
    ]
}
