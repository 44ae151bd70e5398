//! `audit report`: a page about a period, for an auditor.

use std::cell::RefCell;

use dbvc_engine::audit::{AuditCheck, AuditEvent, AuditReport, AuditReportOn, Head, report};
use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::project::audit::{ChainRequest, LogFilter, LogRequest, log, verify};
use jiff::Timestamp;
use serde_json::json;

use super::verify::{failure, is_away, line, told};
use crate::app::App;
use crate::args::AuditReportArgs;
use crate::config::Config;
use crate::render::{count, moment};
use crate::stop::{Done, Failing, Stop};
use crate::trail::Trail;
use crate::work::{Work, each_with};
use crate::{codes, exit};

/// What is told of one database.
struct Part {
    database: String,
    events: Vec<AuditEvent>,
    head: Option<Head>,
    checks: Vec<AuditCheck>,
}

pub(super) async fn run(app: &App, config: &Config, args: &AuditReportArgs) -> Result<Done, Stop> {
    let parts = RefCell::new(Vec::new());
    let done = each_with(app, config, None, Trail::Read, async |work| {
        let (part, done) = one(app, work, args).await?;
        parts.borrow_mut().push(part);
        Ok(done)
    })
    .await?;
    let parts = parts.into_inner();
    if parts.len() < config.databases.len() {
        return Ok(done);
    }
    let on: Vec<AuditReportOn<'_>> = parts
        .iter()
        .map(|part| AuditReportOn {
            database: &part.database,
            events: &part.events,
            head: part.head.as_ref(),
            checks: &part.checks,
        })
        .collect();
    let shown = |at: Option<Timestamp>| at.map(moment);
    let text = report(&AuditReport {
        title: &format!("The audit trail of {}", config.project.value),
        since: shown(args.since).as_deref(),
        until: shown(args.until).as_deref(),
        made_at: &moment(Timestamp::now()),
        tool_version: env!("CARGO_PKG_VERSION"),
        databases: &on,
    });
    let path = app.surroundings.directory.join(&args.output);
    let text = text.map_err(|error| {
        let message = format!("cannot make the page: {error}");
        Stop::usage(Diagnostic::error(codes::INTERNAL, message))
    })?;
    std::fs::write(&path, text).map_err(|error| Stop::file("write", &path, &error))?;
    app.output.say(format!("written  {}", path.display()));
    Ok(done)
}

async fn one(app: &App, work: &Work<'_>, args: &AuditReportArgs) -> Failing<(Part, Done)> {
    work.heading();
    let request = LogRequest {
        filter: LogFilter {
            environment: app.global.environment.clone(),
            since: args.since,
            until: args.until,
            ..LogFilter::default()
        },
        from: None,
    };
    let events: Vec<AuditEvent> = log(&work.context, &request)
        .await?
        .into_iter()
        .map(|logged| logged.event)
        .collect();
    let (head, checks) = checks(work).await?;
    let intact = checks.iter().all(|check| check.intact);
    work.output.say(format!(
        "{}, {}",
        count(events.len() as u64, "event"),
        if intact { "intact" } else { "NOT intact" }
    ));
    let done = Done {
        value: json!({
            "database": work.context.settings.database,
            "environment": work.context.settings.environment,
            "events": events.len(),
            "intact": intact,
            "output": args.output,
        }),
        code: if intact { exit::DONE } else { exit::FINDINGS },
    };
    let part = Part {
        database: work.context.settings.database.clone(),
        events,
        head,
        checks,
    };
    Ok((part, done))
}

/// The chain in the database, and each sink by itself, so that one that is away does not hide the others.
async fn checks(work: &Work<'_>) -> Failing<(Option<Head>, Vec<AuditCheck>)> {
    let alone = verify(&work.context, &ChainRequest::default()).await?;
    let head = alone.places.first().and_then(|place| place.head.clone());
    let mut told_of: Vec<String> = alone.places.iter().map(line).collect();
    told_of.extend(alone.all_findings().map(told));
    let mut checks = vec![AuditCheck {
        place: "the database's own record".to_owned(),
        intact: alone.is_sound(),
        told: told_of,
    }];
    for sink in &work.context.settings.audit.sinks {
        let name = &sink.target.name;
        let request = ChainRequest {
            sinks: vec![sink.clone()],
            ..ChainRequest::default()
        };
        let (intact, told) = match verify(&work.context, &request).await {
            Ok(found) if !found.unreadable.is_empty() => {
                let why = found.unreadable.into_iter().flat_map(|sink| sink.why);
                (false, why.collect())
            }
            Ok(found) => {
                let of_sink = || found.all_findings().filter(|one| one.place == *name);
                let mut lines: Vec<String> = found.places.iter().skip(1).map(line).collect();
                lines.extend(of_sink().map(told));
                (of_sink().next().is_none(), lines)
            }
            Err(failed) if is_away(&failed) => (false, failure(&failed)),
            Err(failed) => return Err(failed),
        };
        checks.push(AuditCheck {
            place: format!("sink {name}"),
            intact,
            told,
        });
    }
    Ok((head, checks))
}
