//! `history`: what was done, by whom, when, and how long it took.

use dbvc_engine::driver::Execution;
use dbvc_engine::project::{Failed, HistoryOptions, history};

use crate::app::App;
use crate::args::HistoryArgs;
use crate::config::Config;
use crate::render::{duration, json, moment, table};
use crate::stop::{Done, Stop};
use crate::trail::Trail;
use crate::work::{Work, each_with, migration};

pub(super) async fn run(app: &App, config: &Config, args: &HistoryArgs) -> Result<Done, Stop> {
    each_with(app, config, None, Trail::Aside, async |work| {
        one(work, args).await
    })
    .await
}

async fn one(work: &Work<'_>, args: &HistoryArgs) -> Result<Done, Failed> {
    work.heading();
    let id = args.migration.as_deref().map(migration).transpose()?;
    let options = HistoryOptions {
        migration: id.map(|id| id.to_string()),
        limit: (args.limit > 0).then_some(args.limit),
    };
    let report = history(&work.context, &options).await?;
    if report.executions.is_empty() {
        work.output.say("nothing was done yet");
    } else {
        let header = ["#", "when", "action", "script", "status", "took", "by", "reason"];
        work.output
            .say(table(&header, report.executions.iter().map(row).collect()));
    }
    Ok(Done::well(json(&report)))
}

fn row(execution: &Execution) -> Vec<String> {
    let word = |value: serde_json::Value| value.as_str().unwrap_or_default().to_owned();
    vec![
        execution.rank.to_string(),
        moment(execution.started_at),
        word(json(&execution.action)),
        execution.script.clone(),
        word(json(&execution.status)),
        execution.duration.map(duration).unwrap_or_default(),
        format!("{}@{}", execution.actor.user, execution.actor.host),
        execution
            .reason
            .clone()
            .or_else(|| execution.error.clone())
            .unwrap_or_default(),
    ]
}
