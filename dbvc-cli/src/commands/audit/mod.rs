//! `audit`: reading, checking, shipping and exporting the audit trail.

mod anchor;
mod export;
mod flush;
mod log;
mod note;
mod notes;
mod report;
mod restart;
mod verify;

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::project::audit::{LogFilter, LogRequest};
use dbvc_engine::project::{ExitClass, Failed};
use jiff::Timestamp;

use crate::app::App;
use crate::args::{AuditCommand, AuditFilterArgs};
use crate::codes;
use crate::config::Config;
use crate::stop::{Done, Failing, Stop};
use crate::trail::{TARGET, named};
use crate::work::Work;

pub(super) async fn run(app: &App, config: &Config, command: &AuditCommand) -> Result<Done, Stop> {
    match command {
        AuditCommand::Log(args) => log::run(app, config, args).await,
        AuditCommand::Verify(args) => verify::run(app, config, args).await,
        AuditCommand::Note(args) => note::run(app, config, args).await,
        AuditCommand::Flush(args) => flush::run(app, config, args).await,
        AuditCommand::Export(args) => export::run(app, config, args).await,
        AuditCommand::Report(args) => report::run(app, config, args).await,
        AuditCommand::Anchor(args) => anchor::run(app, config, args).await,
        AuditCommand::Restart(args) => restart::run(app, config, args).await,
    }
}

/// A period that ends before it begins has nothing in it, which nobody means.
fn ordered(since: Option<Timestamp>, until: Option<Timestamp>) -> Failing<()> {
    match (since, until) {
        (Some(since), Some(until)) if since >= until => {
            let message = format!("the period ends ({until}) before it begins ({since})");
            let problem = Diagnostic::error(codes::WORDS, message);
            Err(Failed::one(
                ExitClass::Usage,
                problem.help("`--since` is the beginning, `--until` the end"),
            ))
        }
        _ => Ok(()),
    }
}

/// What to read, and from where. An environment that was named is asked for; one that was only found is not.
fn request(
    app: &App,
    work: &Work<'_>,
    filter: &AuditFilterArgs,
    (from, chain): (&str, Option<&str>),
) -> Failing<LogRequest> {
    let from = match from {
        TARGET if chain.is_some() => {
            let problem = Diagnostic::error(
                codes::WORDS,
                "the database keeps one chain; those of before are in sinks",
            );
            return Err(Failed::one(
                ExitClass::Usage,
                problem.help("name the sink with `--from`"),
            ));
        }
        TARGET => None,
        name => Some(named(&work.context.settings.audit, name)?.clone()),
    };
    let migration = filter
        .migration
        .as_deref()
        .map(crate::work::migration)
        .transpose()?;
    Ok(LogRequest {
        filter: LogFilter {
            environment: app.global.environment.clone(),
            since: filter.since,
            until: filter.until,
            actor: filter.actor.clone(),
            actions: filter.action.clone(),
            migration: migration.map(|id| id.to_string()),
            ..LogFilter::default()
        },
        from,
        chain: chain.map(ToOwned::to_owned),
    })
}
