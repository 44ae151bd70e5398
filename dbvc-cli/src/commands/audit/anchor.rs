//! `audit anchor`: the chain's head, written to a place outside the database.

use std::io::Write as _;
use std::path::Path;

use dbvc_engine::project::audit::{AnchorReport, SinkSettings, anchor};

use super::export::unwritten;
use super::notes;
use crate::app::App;
use crate::args::AuditAnchorArgs;
use crate::config::Config;
use crate::render::json;
use crate::stop::{Done, Failing, Stop};
use crate::trail::{Trail, named};
use crate::work::{Work, each_with};

pub(super) async fn run(app: &App, config: &Config, args: &AuditAnchorArgs) -> Result<Done, Stop> {
    each_with(app, config, None, Trail::Read, async |work| {
        one(app, config, work, args).await
    })
    .await
}

async fn one(app: &App, config: &Config, work: &Work<'_>, args: &AuditAnchorArgs) -> Failing<Done> {
    work.heading();
    let sinks = args.to.iter().filter_map(|to| to.strip_prefix("sink:"));
    let sinks: Vec<SinkSettings> = sinks
        .map(|name| named(&work.context.settings.audit, name).cloned())
        .collect::<Failing<_>>()?;
    let report = anchor(&work.context, &sinks).await?;
    let line = report.anchor.to_line();
    for to in args.to.iter().filter(|to| !to.starts_with("sink:")) {
        if to == "git" {
            notes::write(&config.root, &line)?;
        } else {
            append(&app.surroundings.directory.join(to), &line)?;
        }
    }
    show(work, args, &report, &line);
    Ok(Done::well(json(&report)))
}

fn show(work: &Work<'_>, args: &AuditAnchorArgs, report: &AnchorReport, line: &str) {
    if args.to.is_empty() {
        work.output.text_unless_json(line);
        return;
    }
    let head = &report.anchor.head;
    for to in &args.to {
        work.output.say(format!(
            "anchored  event {} with digest {} in {to}",
            head.sequence, head.digest
        ));
    }
}

/// Adds a line, which is on disk when this returns.
fn append(path: &Path, line: &str) -> Failing<()> {
    let file = std::fs::OpenOptions::new().append(true).create(true).open(path);
    file.and_then(|mut file| {
        file.write_all(format!("{line}\n").as_bytes())?;
        file.sync_all()
    })
    .map_err(|error| unwritten(path, &error))
}
