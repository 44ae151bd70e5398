//! `diff`: what leads from one schema to another.

use std::path::Path;

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::diff::{DiffOptions, diff};
use dbvc_engine::driver::Secret;
use dbvc_engine::project::read_schema;
use dbvc_engine::schema::Database;
use serde_json::json;

use crate::app::App;
use crate::args::DiffArgs;
use crate::config::{Config, Flags, codes as config_codes};
use crate::render::{Screen, json};
use crate::stop::{Done, Stop};
use crate::work::{context, driver, settings};
use crate::{codes, exit};

pub(super) async fn run(app: &App, args: &DiffArgs) -> Result<Done, Stop> {
    let before = side(app, Some(&args.before)).await?;
    let after = side(app, args.after.as_deref()).await?;
    if before.dialect != after.dialect {
        let message = format!(
            "a schema of {} and one of {} cannot be compared",
            before.dialect, after.dialect
        );
        let help = "both must be of one database system";
        return Err(Stop::usage(
            Diagnostic::error(codes::DIALECTS, message).help(help),
        ));
    }
    let options = DiffOptions {
        owners: !args.ignore_owners,
        grants: !args.ignore_grants,
        column_order: !args.ignore_column_order,
    };
    let found = diff(&before, &after, options);
    app.output.text_unless_json(found.to_string().trim_end());
    let (added, changed, removed) = found.counts();
    let mut value = json(&found);
    value["counts"] = json!({ "added": added, "changed": changed, "removed": removed });
    let code = if found.is_empty() {
        exit::DONE
    } else {
        exit::FINDINGS
    };
    Ok(Done { value, code })
}

/// A file that is there is a snapshot; a word with a colon is a URL; any other an environment.
async fn side(app: &App, word: Option<&str>) -> Result<Database, Stop> {
    let Some(word) = word else {
        return live(app, &settings(app, app.global.environment.clone())?).await;
    };
    let path = app.surroundings.directory.join(word);
    if path.is_file() {
        return snapshot(&path);
    }
    if Path::new(word).extension().is_some_and(|ending| ending == "json") {
        return Err(Stop::file("read", &path, &std::io::ErrorKind::NotFound.into()));
    }
    if !word.contains(':') {
        let config = settings(app, Some(word.to_owned()))?;
        if config.has_section {
            return live(app, &config).await;
        }
        // Elsewhere any word is an environment where none is declared; here it would compare a database with itself.
        return Err(Stop::configuration(vec![
            Diagnostic::error(
                config_codes::ENVIRONMENT,
                format!("there is no environment `{word}`"),
            )
            .note("it is no file either, and no URL")
            .help("`dbvc diff --help` tells what can be compared"),
        ]));
    }
    let flags = Flags {
        url: Some(Secret::new(word)),
        ..app.global.flags()
    };
    let config = Config::load(&app.surroundings, &flags).map_err(Stop::configuration)?;
    live(app, &config).await
}

fn snapshot(path: &Path) -> Result<Database, Stop> {
    let text = std::fs::read_to_string(path).map_err(|error| Stop::file("read", path, &error))?;
    Database::from_json(&text).map_err(|error| {
        let message = format!("cannot use {}: {error}", path.display());
        Stop::usage(Diagnostic::error(codes::SNAPSHOT, message).help("write one with `dbvc snapshot`"))
    })
}

async fn live(app: &App, config: &Config) -> Result<Database, Stop> {
    let [database] = config.databases.as_slice() else {
        return Err(Stop::usage(
            Diagnostic::error(config_codes::DATABASE, "one database is compared at a time")
                .help("choose it with `--database NAME`"),
        ));
    };
    let connection = database
        .connection
        .as_ref()
        .map_err(|problems| Stop::configuration(problems.clone()))?;
    app.output.diagnostics(&connection.warnings);
    let driver = driver(app, database)?;
    let screen = Screen::new(app.output);
    let context = context(app, database, driver, connection.target.clone(), &screen, None);
    let read = read_schema(&context).await;
    screen.clear();
    Ok(read?)
}
