//! `audit restart`: a new chain, begun on purpose.

use std::io::Write as _;
use std::path::Path;

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::project::audit::{RestartRequest, plan_restart, restart};
use dbvc_engine::project::{ExitClass, Failed};

use super::export::unwritten;
use crate::app::App;
use crate::args::AuditRestartArgs;
use crate::config::Config;
use crate::render::{count, json};
use crate::stop::{Done, Failing, Stop};
use crate::trail::Trail;
use crate::work::{Work, each_with};
use crate::{codes, exit};

pub(super) async fn run(app: &App, config: &Config, args: &AuditRestartArgs) -> Result<Done, Stop> {
    if config.databases.len() > 1 {
        let problem = Diagnostic::error(codes::WORDS, "a chain is begun anew for one database at a time")
            .help("name it with `--database`");
        return Err(Stop::usage(problem));
    }
    each_with(app, config, Some(&args.reason), Trail::Ship, async |work| {
        one(app, work, args).await
    })
    .await
}

async fn one(app: &App, work: &Work<'_>, args: &AuditRestartArgs) -> Failing<Done> {
    work.heading();
    let request = plan_restart(&work.context).await?;
    show(work, &request);
    if request.kept_in.is_empty() && !request.events.is_empty() && args.keep.is_none() {
        let problem = Diagnostic::error(
            "DBVC8008",
            "no sink has all events of the chain that would end, and they leave the database",
        )
        .note("nothing was changed")
        .help("ship them (`dbvc audit flush`), or name a new file for them: `--keep old-trail.jsonl`");
        return Err(Failed::one(ExitClass::Usage, problem));
    }
    work.confirm("begin a new audit trail in")?;
    if let Some(path) = args.keep.as_ref().filter(|_| !request.events.is_empty()) {
        let path = app.surroundings.directory.join(path);
        keep(&path, &request)?;
        work.output.say(format!("written  {}", path.display()));
    }
    let report = restart(&work.context, &request).await?;
    work.output
        .say(format!("the chain is now {}", report.database_id));
    if work.context.settings.audit.database_id.is_some() {
        work.output.say(format!(
            "write it into the settings: [audit] database_id = \"{}\"",
            report.database_id
        ));
    }
    Ok(Done {
        value: json(&report),
        code: exit::DONE,
    })
}

fn show(work: &Work<'_>, request: &RestartRequest) {
    match &request.before {
        Some(before) => work.output.say(format!(
            "the chain {} ends with event {}; {}",
            before.database_id,
            before.sequence,
            match request.kept_in.as_slice() {
                [] => "no sink has all of it".to_owned(),
                sinks => format!("kept in {}", sinks.join(", ")),
            }
        )),
        None => work.output.say("nothing is left of the chain before"),
    }
    if request.findings > 0 {
        work.output.text_unless_json(format!(
            "it is not intact: {}; `dbvc audit verify` names them, and the new chain tells of their number",
            count(request.findings as u64, "finding")
        ));
    }
}

/// The old chain's events, one a line as a sink `file:` keeps them; the file must be new.
fn keep(path: &Path, request: &RestartRequest) -> Failing<()> {
    let mut text = String::new();
    for sealed in &request.events {
        text.push_str(&json(sealed).to_string());
        text.push('\n');
    }
    let file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path);
    file.and_then(|mut file| {
        file.write_all(text.as_bytes())?;
        file.sync_all()
    })
    .map_err(|error| unwritten(path, &error))
}
