//! `audit report`: a page about a period, for an auditor.

use std::cell::RefCell;
use std::path::Path;

use dbvc_engine::audit::{AuditCheck, AuditEvent, AuditReport, AuditReportOn, Finding, Head, report};
use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::project::audit::{
    ChainReport, ChainRequest, LogFilter, LogRequest, UnreadableSink, log, verify,
};
use jiff::Timestamp;
use serde_json::json;

use super::export::create;
use super::log::unreadable;
use super::ordered;
use super::verify::{line, told};
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
    ordered(args.since, args.until)?;
    let stdout = args.output == Path::new("-");
    if stdout && app.output.json {
        let problem = Diagnostic::error(
            codes::WORDS,
            "`--output -` and `--json` both want standard output",
        );
        return Err(Stop::usage(
            problem.help("write the page to a file, or leave `--json` out"),
        ));
    }
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
    if stdout {
        app.output.text_unless_json(text.trim_end());
    } else {
        create(&path, text.as_bytes())?;
        app.output.say(format!("written  {}", path.display()));
    }
    Ok(done)
}

async fn one(app: &App, work: &Work<'_>, args: &AuditReportArgs) -> Failing<(Part, Done)> {
    let stdout = args.output == Path::new("-");
    if !stdout {
        work.heading();
    }
    let request = LogRequest {
        filter: LogFilter {
            environment: app.global.environment.clone(),
            since: args.since,
            until: args.until,
            ..LogFilter::default()
        },
        ..LogRequest::default()
    };
    let read = log(&work.context, &request).await?;
    unreadable(work, &read);
    let events: Vec<AuditEvent> = read.events.into_iter().map(|logged| logged.event).collect();
    let (head, checks) = checks(work).await?;
    let intact = checks.iter().all(|check| check.intact);
    let broken = checks.iter().any(|check| !check.intact && !check.unread);
    if !stdout {
        work.output.say(format!(
            "{}, {}",
            count(events.len() as u64, "event"),
            match (intact, broken) {
                (true, _) => "intact",
                (false, true) => "NOT intact",
                (false, false) => "intact as far as it could be read",
            }
        ));
    }
    let done = Done {
        value: json!({
            "database": work.context.settings.database,
            "environment": work.context.settings.environment,
            "events": events.len(),
            "intact": intact,
            "output": args.output,
        }),
        code: match (intact, broken) {
            (true, _) => exit::DONE,
            (false, true) => exit::FINDINGS,
            (false, false) => exit::AUDIT,
        },
    };
    let part = Part {
        database: work.context.settings.database.clone(),
        events,
        head,
        checks,
    };
    Ok((part, done))
}

/// The chain in the database and in all sinks, which are read once.
async fn checks(work: &Work<'_>) -> Failing<(Option<Head>, Vec<AuditCheck>)> {
    let sinks = &work.context.settings.audit.sinks;
    let request = ChainRequest {
        sinks: sinks.clone(),
        ..ChainRequest::default()
    };
    let found = verify(&work.context, &request).await?;
    let head = found.places.first().and_then(|place| place.head.clone());
    let is_of_a_sink = |one: &Finding| sinks.iter().any(|sink| sink.target.name == one.place);
    let findings = || found.all_findings().filter(|one| !is_of_a_sink(one));
    let mut told_of: Vec<String> = found.places.first().map(line).into_iter().collect();
    told_of.extend(findings().map(told));
    // The page tells of the newest chain alone; chains of before are in the sinks.
    told_of.extend(found.notes.iter().cloned());
    let mut checks = vec![AuditCheck {
        place: "the database's own record".to_owned(),
        intact: findings().next().is_none(),
        unread: false,
        told: told_of,
    }];
    checks.extend(sinks.iter().map(|sink| of_sink(&sink.target.name, &found)));
    Ok((head, checks))
}

fn of_sink(name: &str, found: &ChainReport) -> AuditCheck {
    let of_it = || found.all_findings().filter(|one| one.place == name);
    let places = found.places.iter().filter(|place| place.place == name);
    let mut lines: Vec<String> = places.map(line).collect();
    lines.extend(of_it().map(told));
    let away: Vec<&UnreadableSink> = found.unreadable.iter().filter(|one| one.sink == name).collect();
    lines.extend(away.iter().flat_map(|one| one.why.clone()));
    AuditCheck {
        place: format!("sink {name}"),
        intact: of_it().next().is_none() && away.is_empty(),
        unread: of_it().next().is_none() && !away.is_empty(),
        told: lines,
    }
}
