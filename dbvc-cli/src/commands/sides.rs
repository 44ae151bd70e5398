//! The sides of a comparison: wherever a schema may come from.

use std::path::{Path, PathBuf};

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::driver::Secret;
use dbvc_engine::project::{Context, Failed, read_schema, replay, replay_directory, schema_of_file};
use dbvc_engine::schema::Database;

use crate::app::App;
use crate::codes;
use crate::config::{Config, Flags, codes as config_codes};
use crate::render::Screen;
use crate::stop::Stop;
use crate::work::{context, driver, settings, version};

/// Before the version of a project's migrations.
const VERSION: &str = "version:";

/// A word of the command line, understood.
enum Side {
    /// A snapshot's JSON.
    Snapshot(PathBuf),
    /// A SQL file that makes a schema.
    Sql(PathBuf),
    /// A folder of migrations.
    Folder(PathBuf),
    /// The project's migrations up to a version.
    Version(String),
    /// A database.
    Live(Box<Config>),
}

/// The schema that a word means; without one, that of the database that the settings name.
pub(super) async fn side(app: &App, word: Option<&str>) -> Result<Database, Stop> {
    match understood(app, word)? {
        Side::Snapshot(path) => snapshot(&path),
        Side::Live(config) => on(app, &config, async |context| read_schema(context).await).await,
        Side::Sql(path) => {
            let config = settings(app, app.global.environment.clone())?;
            on(app, &config, async |context| schema_of_file(context, &path).await).await
        }
        Side::Folder(path) => {
            let config = settings(app, app.global.environment.clone())?;
            on(app, &config, async |context| {
                replay_directory(context, &path).await
            })
            .await
        }
        Side::Version(text) => {
            let config = settings(app, app.global.environment.clone())?;
            on(app, &config, async |context| {
                let version = version(context.settings.layout.scheme, &text)?;
                replay(context, Some(&version)).await
            })
            .await
        }
    }
}

/// A file that is there is a snapshot or SQL; an environment that is declared is one; then folders, versions and URLs.
fn understood(app: &App, word: Option<&str>) -> Result<Side, Stop> {
    let Some(word) = word else {
        let config = settings(app, app.global.environment.clone())?;
        return Ok(Side::Live(Box::new(config)));
    };
    if let Some(version) = word.strip_prefix(VERSION) {
        return Ok(Side::Version(version.to_owned()));
    }
    let path = app.surroundings.directory.join(word);
    let ending = Path::new(word).extension().and_then(|ending| ending.to_str());
    match ending {
        Some("sql") if path.is_file() => return Ok(Side::Sql(path)),
        _ if path.is_file() => return Ok(Side::Snapshot(path)),
        Some("json" | "sql") => {
            return Err(Stop::file("read", &path, &std::io::ErrorKind::NotFound.into()));
        }
        _ => {}
    }
    if word.contains(':') {
        let flags = Flags {
            url: Some(Secret::new(word)),
            ..app.global.flags()
        };
        let config = Config::load(&app.surroundings, &flags).map_err(Stop::configuration)?;
        return Ok(Side::Live(Box::new(config)));
    }
    let is_path = word.contains(['/', '\\']);
    if is_path && path.is_dir() {
        return Ok(Side::Folder(path));
    }
    // Elsewhere any word is an environment where none is declared; here it would compare a database with itself.
    let config =
        settings(app, Some(word.to_owned())).map(|config| Some(config).filter(|config| config.has_section));
    match config {
        Ok(Some(config)) => Ok(Side::Live(Box::new(config))),
        _ if path.is_dir() => Ok(Side::Folder(path)),
        _ if looks_like_a_version(word) => Ok(Side::Version(word.to_owned())),
        Ok(None) => Err(Stop::configuration(vec![nothing_of_that_name(word)])),
        Err(stop) => Err(stop),
    }
}

fn looks_like_a_version(word: &str) -> bool {
    let digits = word.strip_prefix(['V', 'v']).unwrap_or(word);
    digits.starts_with(|first: char| first.is_ascii_digit())
}

fn nothing_of_that_name(word: &str) -> Diagnostic {
    Diagnostic::error(
        config_codes::ENVIRONMENT,
        format!("there is no environment `{word}`"),
    )
    .note("it is no file or folder either, no version, and no URL")
    .help("`dbvc diff --help` tells what can be compared")
}

fn snapshot(path: &Path) -> Result<Database, Stop> {
    let text = std::fs::read_to_string(path).map_err(|error| Stop::file("read", path, &error))?;
    Database::from_json(&text).map_err(|error| {
        let message = format!("cannot use {}: {error}", path.display());
        Stop::usage(Diagnostic::error(codes::SNAPSHOT, message).help("write one with `dbvc snapshot`"))
    })
}

/// Reads a schema with the settings of one database.
pub(super) async fn on(
    app: &App,
    config: &Config,
    read: impl AsyncFnOnce(&Context<'_>) -> Result<Database, Failed>,
) -> Result<Database, Stop> {
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
    let read = read(&context).await;
    screen.clear();
    Ok(read?)
}
