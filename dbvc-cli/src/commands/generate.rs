//! `create --auto`: a migration from a desired schema.

use std::path::PathBuf;

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::project::generate;

use super::create::{of_one_database, request, told};
use crate::app::App;
use crate::args::CreateArgs;
use crate::codes;
use crate::config::{Config, DatabaseConfig};
use crate::render::json;
use crate::stop::{Done, Stop};
use crate::trail::Trail;
use crate::work::each_with;

pub(super) async fn run(app: &App, config: &Config, args: &CreateArgs) -> Result<Done, Stop> {
    let [database] = config.databases.as_slice() else {
        return Err(of_one_database());
    };
    let desired = desired(app, database, args)?;
    each_with(app, config, None, Trail::Aside, async |work| {
        work.heading();
        let report = generate(&work.context, &request(args), &desired, args.dry_run).await?;
        work.output.diagnostics_unless_json(&report.findings);
        if report.difference.is_empty() {
            work.output
                .say("nothing to write: the migrations make the desired schema already");
        } else if let Some(created) = &report.created {
            told(work.output, created);
        } else {
            work.output.say(format!("-- The migration\n\n{}", report.up));
            work.output
                .say(format!("-- Its undo script\n\n{}", report.undo.trim_end()));
        }
        Ok(Done::well(json(&report)))
    })
    .await
}

fn desired(app: &App, database: &DatabaseConfig, args: &CreateArgs) -> Result<PathBuf, Stop> {
    let said = args
        .schema
        .as_ref()
        .map(|path| app.surroundings.directory.join(path));
    let Some(path) = said.or_else(|| Some(database.schema.as_ref()?.value.clone())) else {
        let message = format!(
            "nothing says which schema database `{}` should have",
            database.name
        );
        return Err(Stop::usage(
            Diagnostic::error(codes::DESIRED, message)
                .help("pass `--schema FILE`, or write `schema = \"schema.sql\"` below the database in dbvc.toml")
                .help("`dbvc snapshot` writes such a file to begin with: schema_snapshots/schema_current.sql"),
        ));
    };
    match std::fs::File::open(&path) {
        Ok(_) => Ok(path),
        Err(error) => Err(Stop::file("read", &path, &error)),
    }
}
