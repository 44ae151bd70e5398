//! `rollback`: take migrations out of a database.

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::plan::Plan;
use dbvc_engine::project::{Failed, RollbackOptions, Selection, plan_rollback, rollback};

use super::migrate::{dry, said};
use super::plan;
use crate::app::App;
use crate::args::RollbackArgs;
use crate::codes;
use crate::config::Config;
use crate::render::json;
use crate::stop::{Done, Stop};
use crate::trail::Trail;
use crate::work::{Work, each_with, migration};

/// Without a configuration there are no environments to hold a word against, and one that was mistyped must not take
/// the last migration back.
pub(super) fn refuse_a_stray_word(config: &Config, word: Option<&str>) -> Result<(), Stop> {
    match word {
        Some(word) if config.file.is_none() => Err(Stop::usage(
            Diagnostic::error(
                codes::WORDS,
                format!("`{word}` is not a migration's id, and there is no dbvc.toml with environments"),
            )
            .help("name a migration by its id, such as 1.3.0, or the environment with `--environment`"),
        )),
        _ => Ok(()),
    }
}

pub(super) async fn run(
    app: &App,
    config: &Config,
    args: &RollbackArgs,
    one_migration: Option<String>,
) -> Result<Done, Stop> {
    if let Some(id) = &one_migration
        && (args.count.is_some() || args.to.is_some())
    {
        return Err(Stop::usage(
            Diagnostic::error(
                codes::WORDS,
                format!("`{id}` cannot go together with `--count` or `--to`"),
            )
            .help("name one migration, or say how many, or to which version"),
        ));
    }
    each_with(
        app,
        config,
        args.reason.as_deref(),
        Trail::where_it_writes(!args.dry_run),
        async |work| one(work, args, one_migration.as_deref()).await,
    )
    .await
}

async fn one(work: &Work<'_>, args: &RollbackArgs, id: Option<&str>) -> Result<Done, Failed> {
    work.heading();
    let selection = match (id, &args.to) {
        (Some(id), _) => Selection::One(migration(id)?),
        (None, Some(to)) => Selection::To(work.version(to)?),
        (None, None) => Selection::Count(args.count.unwrap_or(1)),
    };
    let options = RollbackOptions { selection };
    if args.dry_run {
        let found = plan_rollback(&work.context, &options).await?;
        plan::show(work, &found)?;
        return Ok(dry(&found));
    }
    let mut approve = |found: &Plan| {
        work.output.diagnostics_unless_json(&found.findings);
        work.confirm("roll back")
    };
    let in_flight = args.in_flight.map(Into::into);
    let report = rollback(&work.context, &options, in_flight, &mut approve).await?;
    said(work, &report);
    Ok(Done::well(json(&report)))
}
