//! `status`: where a database stands.

use dbvc_engine::project::audit::{ShipReport, waiting};
use dbvc_engine::project::{Failed, StatusEntry, StatusReport, status};

use serde_json::Value;

use super::lock::describe;
use crate::app::App;
use crate::args::StatusArgs;
use crate::config::Config;
use crate::exit;
use crate::render::{clean, count, duration, json, moment, table};
use crate::stop::{Done, Stop};
use crate::trail::{Trail, no_sink};
use crate::work::{Work, each_with};

pub(super) async fn run(app: &App, config: &Config, args: &StatusArgs) -> Result<Done, Stop> {
    each_with(app, config, None, Trail::Aside, async |work| {
        one(work, args).await
    })
    .await
}

async fn one(work: &Work<'_>, args: &StatusArgs) -> Result<Done, Failed> {
    let report = status(&work.context).await?;
    work.heading();
    summary(work, &report);
    let audit = trail(work).await;
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
        value: with_audit(
            json(&report),
            audit,
            work.context.settings.audit.unusable.as_deref(),
        ),
    })
}

/// How long sinks may take to say what they have: whoever asks where a database stands does not wait for another.
const PATIENCE: std::time::Duration = std::time::Duration::from_secs(5);

/// What waits to be shipped to each sink.
async fn trail(work: &Work<'_>) -> Option<ShipReport> {
    let settings = &work.context.settings.audit;
    let say = |text: String| work.output.say(clean(&format!("  {:<10}  {text}", "audit")));
    if let Some(why) = &settings.unusable {
        say(format!("not known what waits: {why}"));
    } else if settings.switched_off {
        say(no_sink(settings).to_owned());
    }
    if settings.sinks.is_empty() {
        return None;
    }
    let report = match tokio::time::timeout(PATIENCE, waiting(&work.context)).await {
        Ok(Ok(report)) => report,
        Ok(Err(failed)) => {
            let told = failed.diagnostics.iter().map(|one| one.message.as_str());
            say(format!(
                "not known what waits: {}",
                told.collect::<Vec<_>>().join("; ")
            ));
            return None;
        }
        Err(_) => {
            say("the sinks did not answer within 5 s".to_owned());
            return None;
        }
    };
    for sink in &report.sinks {
        say(match (&sink.failure, sink.waiting) {
            (Some(failure), waiting) => {
                format!(
                    "{} is away, {} may wait: {failure}",
                    sink.sink,
                    count(waiting, "event")
                )
            }
            (None, 0) => format!("{} has all", sink.sink),
            (None, waiting) => format!(
                "{} lacks {}; the next run ships them, or `dbvc audit flush`",
                sink.sink,
                count(waiting, "event")
            ),
        });
    }
    Some(report)
}

fn with_audit(mut value: Value, audit: Option<ShipReport>, unusable: Option<&str>) -> Value {
    let audit = match (audit, unusable) {
        (Some(report), _) => json(&report),
        (None, Some(why)) => serde_json::json!({ "unusable": why }),
        (None, None) => return value,
    };
    if let Value::Object(fields) = &mut value {
        fields.insert("audit".to_owned(), audit);
    }
    value
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
