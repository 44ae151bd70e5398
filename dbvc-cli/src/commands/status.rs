//! `status`: where a database stands.

use dbvc_engine::project::{Failed, StatusEntry, StatusReport, status};

use super::lock::describe;
use crate::app::App;
use crate::args::StatusArgs;
use crate::config::Config;
use crate::exit;
use crate::render::{count, duration, json, moment, table};
use crate::stop::{Done, Stop};
use crate::work::{Work, each};

pub(super) async fn run(app: &App, config: &Config, args: &StatusArgs) -> Result<Done, Stop> {
    each(app, config, None, async |work| one(work, args).await).await
}

async fn one(work: &Work<'_>, args: &StatusArgs) -> Result<Done, Failed> {
    let report = status(&work.context).await?;
    work.heading();
    summary(work, &report);
    if args.detailed {
        work.output.say("");
        work.output.say(migrations(&report.migrations));
    } else {
        open(work, &report);
    }
    schemas(work, &report);
    work.output.diagnostics_unless_json(&report.findings);
    let faulty = report
        .findings
        .iter()
        .any(dbvc_engine::diagnostic::Diagnostic::is_error);
    let wrong = args.check && (report.pending() > 0 || faulty);
    Ok(Done {
        code: if wrong { exit::FINDINGS } else { exit::DONE },
        value: json(&report),
    })
}

fn summary(work: &Work<'_>, report: &StatusReport) {
    let say = |key: &str, value: String| work.output.say(format!("  {key:<10}  {value}"));
    say(
        "server",
        format!("{} {}", report.server.product, report.server.version),
    );
    let version = report.version.as_deref().unwrap_or("none");
    say(
        "version",
        format!("{version}  {}", report.name.as_deref().unwrap_or_default())
            .trim_end()
            .to_owned(),
    );
    if let Some(at) = report.deployed_at {
        say("deployed", moment(at));
    }
    let counts: Vec<String> = report
        .counts
        .iter()
        .map(|(state, number)| format!("{number} {}", state.replace('-', " ")))
        .collect();
    if !counts.is_empty() {
        say("migrations", counts.join(", "));
    }
    if let Some(holder) = &report.lock {
        say("lock", describe(holder));
    }
}

/// So many migrations are listed without `--detailed`.
const LISTED: usize = 12;

/// What is not simply applied: first what needs somebody, then what only waits to be run.
fn open(work: &Work<'_>, report: &StatusReport) {
    let waits = |state: &str| matches!(state, "pending" | "rolled back" | "outdated");
    let mut listed: Vec<(String, String)> = report
        .migrations
        .iter()
        .map(|entry| (word(entry), with_progress(&entry.script, entry)))
        .filter(|(state, _)| !matches!(state.as_str(), "applied" | "baseline" | "below baseline"))
        .collect();
    listed.sort_by_key(|(state, _)| waits(state));
    for (state, script) in listed.iter().take(LISTED) {
        work.output.say(format!("    {state:<17}  {script}"));
    }
    if let Some(more) = listed.len().checked_sub(LISTED).filter(|more| *more > 0) {
        work.output.say(format!(
            "    … and {more} more; `dbvc status --detailed` lists all"
        ));
    }
}

/// A text with how far a broken-off script has come behind it.
fn with_progress(text: &str, entry: &StatusEntry) -> String {
    match entry.statements_done {
        Some(1) => format!("{text}, 1 statement done"),
        Some(done) => format!("{text}, {done} statements done"),
        None => text.to_owned(),
    }
}

fn word(entry: &StatusEntry) -> String {
    let state = json(&entry.state);
    state.as_str().unwrap_or_default().replace('-', " ")
}

fn migrations(entries: &[StatusEntry]) -> String {
    let rows = entries
        .iter()
        .map(|entry| {
            let took = entry.duration_ms.map(std::time::Duration::from_millis);
            vec![
                entry.migration.clone(),
                entry.description.clone(),
                with_progress(&word(entry), entry),
                entry.applied_at.map(moment).unwrap_or_default(),
                entry.applied_by.clone().unwrap_or_default(),
                took.map(duration).unwrap_or_default(),
                if entry.undo { "yes" } else { "-" }.to_owned(),
            ]
        })
        .collect();
    table(
        &[
            "migration",
            "description",
            "state",
            "applied",
            "by",
            "took",
            "undo",
        ],
        rows,
    )
}

fn schemas(work: &Work<'_>, report: &StatusReport) {
    let mut rows: Vec<Vec<String>> = report
        .schemas
        .iter()
        .map(|schema| {
            vec![
                schema.name.clone(),
                schema.tables.to_string(),
                schema.views.to_string(),
            ]
        })
        .collect();
    rows.push(vec![
        format!("total: {}", count(report.schemas.len() as u64, "schema")),
        report.tables.to_string(),
        report.views.to_string(),
    ]);
    work.output.say("");
    work.output.say(table(&["schema", "tables", "views"], rows));
}
