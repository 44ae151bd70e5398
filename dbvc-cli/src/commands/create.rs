//! `create`: a new migration and its undo script.

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::migration::{Request, VersionScheme};
use dbvc_engine::project::{CreateReport, create};
use jiff::Timestamp;

use crate::app::App;
use crate::args::CreateArgs;
use crate::config::{Config, codes};
use crate::render::{Output, json};
use crate::stop::{Done, Stop};

pub(super) fn run(app: &App, config: &Config, args: &CreateArgs) -> Result<Done, Stop> {
    let [database] = config.databases.as_slice() else {
        return Err(of_one_database());
    };
    let report = create(&database.settings().layout, &request(args))?;
    told(app.output, &report);
    Ok(Done::well(json(&report)))
}

pub(super) fn of_one_database() -> Stop {
    let told = Diagnostic::error(codes::DATABASE, "a migration belongs to one database");
    Stop::usage(told.help("choose it with `--database NAME`"))
}

/// What was asked for.
pub(super) fn request(args: &CreateArgs) -> Request {
    let (version, description) = args.parts();
    asked(version, description)
}

/// A request of this moment.
pub(super) fn asked(version: Option<String>, description: String) -> Request {
    Request {
        version,
        description,
        scheme: VersionScheme::Semantic,
        now: Timestamp::now(),
    }
}

/// The files that were written.
pub(super) fn told(output: Output, report: &CreateReport) {
    output.say(format!("created  {}", report.migration.display()));
    output.say(format!("created  {}", report.undo.display()));
    if let Some(sum) = &report.sum {
        output.say(format!("updated  {}", sum.display()));
    }
}
