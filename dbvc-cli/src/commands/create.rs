//! `create`: a new migration and its undo script.

use dbvc_engine::migration::{Request, VersionScheme};
use dbvc_engine::project::create;
use jiff::Timestamp;

use crate::app::App;
use crate::args::CreateArgs;
use crate::config::{Config, codes};
use crate::render::json;
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
    let (version, description) = args.parts();
    let request = Request {
        version,
        description,
        scheme: VersionScheme::Semantic,
        now: Timestamp::now(),
    };
    let report = create(&database.settings().layout, &request)?;
    app.output.say(format!("created  {}", report.migration.display()));
    app.output.say(format!("created  {}", report.undo.display()));
    if let Some(sum) = &report.sum {
        app.output.say(format!("updated  {}", sum.display()));
    }
    Ok(Done::well(json(&report)))
}
