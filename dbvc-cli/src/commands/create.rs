//! `create`: a new migration and its undo script.

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
        return Err(Stop::usage(
            dbvc_engine::diagnostic::Diagnostic::error(
                codes::DATABASE,
                "a migration belongs to one database",
            )
            .help("choose it with `--database NAME`"),
        ));
    };
    let report = create(&database.settings().layout, &request(args))?;
    told(app.output, &report);
    Ok(Done::well(json(&report)))
}

/// What was asked for.
pub(super) fn request(args: &CreateArgs) -> Request {
    let (version, description) = args.parts();
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
