//! `audit export`: events as files.

use std::io::Write as _;
use std::path::{Path, PathBuf};

use dbvc_engine::audit::{Sealed, bundle, csv};
use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::project::audit::{Log, log};
use dbvc_engine::project::{ExitClass, Failed};
use serde_json::json;

use super::log::unreadable;
use super::{ordered, request};
use crate::app::App;
use crate::args::{AuditExportArgs, AuditFormat};
use crate::codes;
use crate::config::Config;
use crate::render::{count, json as value_of};
use crate::stop::{Done, Failing, Stop};
use crate::trail::Trail;
use crate::work::{Work, each_with};

pub(super) async fn run(app: &App, config: &Config, args: &AuditExportArgs) -> Result<Done, Stop> {
    let single = config.databases.len() == 1;
    let stdout = args.output == Path::new("-");
    let words = |message: &str, help: &str| Stop::usage(Diagnostic::error(codes::WORDS, message).help(help));
    if stdout && (args.format == AuditFormat::Bundle || app.output.json || !single) {
        return Err(words(
            "only the table of one database goes to standard output, and not with `--json`",
            "name a file or folder with `--output`",
        ));
    }
    let filter = &args.filter;
    ordered(filter.since, filter.until)?;
    let filtered = filter.since.is_some()
        || filter.until.is_some()
        || filter.actor.is_some()
        || filter.migration.is_some()
        || !filter.action.is_empty();
    if args.format == AuditFormat::Bundle && filtered {
        return Err(words(
            "a bundle is a whole chain: a part of it cannot be checked",
            "leave the filters out, or write `--format csv`",
        ));
    }
    each_with(app, config, None, Trail::Read, async |work| {
        let path = app.surroundings.directory.join(&args.output);
        let path = match (single, args.format) {
            (true, _) => path,
            (false, AuditFormat::Bundle) => path.join(&work.context.settings.database),
            (false, AuditFormat::Csv) => named(&path, &work.context.settings.database),
        };
        one(app, work, args, (!stdout).then_some(path)).await
    })
    .await
}

/// `trail.csv` of the database `app` is `trail.app.csv`.
fn named(path: &Path, database: &str) -> PathBuf {
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    path.with_extension(format!("{database}.{ending}"))
}

async fn one(app: &App, work: &Work<'_>, args: &AuditExportArgs, path: Option<PathBuf>) -> Failing<Done> {
    if path.is_some() {
        work.heading();
    }
    let mut request = request(app, work, &args.filter, (&args.from, args.chain.as_deref()))?;
    if args.format == AuditFormat::Bundle {
        request.filter.environment = None;
    }
    let log = log(&work.context, &request).await?;
    let sealed = log.sealed();
    unreadable(work, &log);
    let Some(path) = path else {
        work.output.text_unless_json(csv(&sealed).trim_end());
        return Ok(Done::silently());
    };
    match args.format {
        AuditFormat::Csv => create(&path, csv(&sealed).as_bytes())?,
        AuditFormat::Bundle => write_bundle(work, &path, &log, &sealed)?,
    }
    work.output.say(format!(
        "written  {}, {}",
        path.display(),
        count(sealed.len() as u64, "event")
    ));
    Ok(Done::well(json!({
        "database": work.context.settings.database,
        "environment": work.context.settings.environment,
        "events": sealed.len(),
        "unreadable": value_of(&log.unreadable),
        "output": path,
    })))
}

fn write_bundle(work: &Work<'_>, folder: &Path, log: &Log, sealed: &[Sealed]) -> Failing<()> {
    if let Some(found) = log.unreadable.first() {
        let message = format!("event {} cannot be read, so there is no bundle", found.sequence);
        let problem = Diagnostic::error("DBVC8023", message).note(found.problem.clone());
        return Err(Failed::one(
            ExitClass::Findings,
            problem.help("`dbvc audit verify` says what is wrong; `--format csv` marks it in its line"),
        ));
    }
    let Some(head) = log.head.as_ref().filter(|_| !sealed.is_empty()) else {
        let problem = Diagnostic::error(codes::EMPTY_TRAIL, "there is no event to export");
        return Err(Failed::one(
            ExitClass::Findings,
            problem.help("the trail begins with the first run of `dbvc migrate`"),
        ));
    };
    let key = work.context.settings.audit.checking_key();
    let key = key.and_then(|key| key.to_pem().ok());
    std::fs::create_dir_all(folder).map_err(|error| unwritten(folder, &error))?;
    for file in bundle(sealed, head, key.as_deref()) {
        create(&folder.join(file.name), &file.content)?;
    }
    Ok(())
}

/// Writes a file that is not there yet: evidence is never written over.
pub(super) fn create(path: &Path, content: &[u8]) -> Failing<()> {
    let file = std::fs::OpenOptions::new()
        .write(true)
        .create_new(true)
        .open(path);
    file.and_then(|mut file| file.write_all(content))
        .map_err(|error| unwritten(path, &error))
}

pub(super) fn unwritten(path: &Path, error: &std::io::Error) -> Failed {
    let help = if error.kind() == std::io::ErrorKind::AlreadyExists {
        "nothing is written over: name another one, or remove it"
    } else {
        "check the path, and the rights of its folder"
    };
    let message = format!("cannot write {}: {error}", path.display());
    Failed::one(
        ExitClass::Usage,
        Diagnostic::error(codes::FILE, message).help(help),
    )
}
