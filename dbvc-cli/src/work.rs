//! One command on one database after the other.

use std::sync::Arc;

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::driver::{Driver, Target, TargetError};
use dbvc_engine::migration::{MigrationKey, Version, VersionScheme};
use dbvc_engine::observe::Observer;
use dbvc_engine::project::{Context, ExitClass, Failed};
use serde_json::Value;
use uuid::Uuid;

use crate::app::App;
use crate::config::{CONNECTION_STRING, Config, Connection, DatabaseConfig, Flags, codes as config_codes};
use crate::prompt::Confirmation;
use crate::render::{Output, Screen};
use crate::stop::{Done, Stop};
use crate::trail::{self, Trail};
use crate::{codes, exit};

/// One database of the project, and what a command needs to work on it.
pub(crate) struct Work<'a> {
    pub(crate) context: Context<'a>,
    pub(crate) output: Output,
    pub(crate) confirmation: Confirmation,
    app: &'a App,
    screen: &'a Screen,
}

impl Work<'_> {
    /// Asks before `what` is done, where the environment wants that.
    pub(crate) fn confirm(&self, what: &str) -> Result<(), Failed> {
        self.screen.clear();
        self.confirmation.ask(what, &self.app.interrupt)
    }

    /// `main in production · postgres://…`, above what is said of each database.
    pub(crate) fn heading(&self) {
        let settings = &self.context.settings;
        self.output.progress(format!(
            "{} in {} · {}",
            settings.database, settings.environment, self.context.target
        ));
    }

    /// Reads a version as the project writes them.
    pub(crate) fn version(&self, text: &str) -> Result<Version, Failed> {
        version(self.context.settings.layout.scheme, text)
    }
}

/// Reads a version as the project writes them.
pub(crate) fn version(scheme: Option<VersionScheme>, text: &str) -> Result<Version, Failed> {
    let digits = text.strip_prefix(['V', 'v']).unwrap_or(text);
    let read = match scheme {
        // `0` means everything in every scheme.
        Some(scheme) if digits != "0" => Version::parse(digits, scheme),
        _ => Version::detect(digits),
    };
    read.map_err(|error| usage(Diagnostic::error(codes::VERSION, error.to_string())))
}

/// Reads a migration's id: `1.2.0`, `V1.2.0`, `R__views`.
pub(crate) fn migration(text: &str) -> Result<MigrationKey, Failed> {
    text.parse().map_err(|_| {
        usage(
            Diagnostic::error(codes::VERSION, format!("`{text}` is not a migration's id"))
                .help("an id is a version such as 1.2.0, or a repeatable migration's name such as R__views")
                .help("`dbvc status --detailed` lists them"),
        )
    })
}

fn usage(diagnostic: Diagnostic) -> Failed {
    Failed::one(ExitClass::Usage, diagnostic)
}

/// The settings, with an environment that was given by its place.
pub(crate) fn settings(app: &App, environment: Option<String>) -> Result<Config, Stop> {
    let flags = Flags {
        environment,
        ..app.global.flags()
    };
    Config::load(&app.surroundings, &flags).map_err(Stop::configuration)
}

/// Runs `command`, which may write, on each database that is meant, in the order of their names, and stops at the first
/// failure. What it wrote is shipped to the audit sinks.
pub(crate) async fn each<F>(
    app: &App,
    config: &Config,
    reason: Option<&str>,
    command: F,
) -> Result<Done, Stop>
where
    F: AsyncFn(&Work<'_>) -> Result<Done, Failed>,
{
    each_with(app, config, reason, Trail::Ship, command).await
}

/// The same for a command that has something else to do with the audit trail.
pub(crate) async fn each_with<F>(
    app: &App,
    config: &Config,
    reason: Option<&str>,
    trail: Trail,
    command: F,
) -> Result<Done, Stop>
where
    F: AsyncFn(&Work<'_>) -> Result<Done, Failed>,
{
    each_overriding(app, config, reason, trail, &[], command).await
}

/// The same for a command with flags that weaken a rule for this once; the audit trail tells of each.
pub(crate) async fn each_overriding<F>(
    app: &App,
    config: &Config,
    reason: Option<&str>,
    trail: Trail,
    overrides: &[String],
    command: F,
) -> Result<Done, Stop>
where
    F: AsyncFn(&Work<'_>) -> Result<Done, Failed>,
{
    let purpose = Purpose {
        reason,
        trail,
        overrides,
    };
    let mut values = Vec::new();
    let mut code = exit::DONE;
    for (index, database) in config.databases.iter().enumerate() {
        match one(app, config, database, purpose, &command).await {
            Ok(done) => {
                code = code.max(done.code);
                values.push(done.value);
            }
            Err(stop) => return failed(app, config, index, values, stop),
        }
    }
    let single = config.databases.len() == 1;
    let value = match values.pop() {
        Some(value) if single => value,
        last => {
            values.extend(last);
            Value::Array(values)
        }
    };
    Ok(Done { value, code })
}

/// What a command is about on each database.
#[derive(Clone, Copy)]
struct Purpose<'a> {
    reason: Option<&'a str>,
    trail: Trail,
    overrides: &'a [String],
}

async fn one<F>(
    app: &App,
    config: &Config,
    database: &DatabaseConfig,
    purpose: Purpose<'_>,
    command: &F,
) -> Result<Done, Stop>
where
    F: AsyncFn(&Work<'_>) -> Result<Done, Failed>,
{
    let screen = Screen::new(app.output);
    let connection = database
        .connection
        .as_ref()
        .map_err(|problems| Stop::configuration(problems.clone()))?;
    app.output.diagnostics(&connection.warnings);
    let driver = driver(app, database)?;
    let mut audit = trail::settings(app, config, purpose.trail)?;
    audit.overrides = app.global.overrides();
    audit.overrides.extend_from_slice(purpose.overrides);
    let mut names = vec![connection.target.database_name(), database.name.clone()];
    names.retain(|name| !name.is_empty());
    let mut work = Work {
        context: context(
            app,
            database,
            driver,
            connection.target.clone(),
            &screen,
            purpose.reason,
        ),
        output: app.output,
        confirmation: Confirmation {
            protected: config.protected.value,
            environment: config.environment.value.clone(),
            names,
            target: connection.target.shown(),
            yes: app.global.yes,
            confirm: app.global.confirm.clone(),
            terminal: Confirmation::is_terminal(),
        },
        app,
        screen: &screen,
    };
    work.context.settings.audit = audit;
    let ended = command(&work).await;
    screen.clear();
    let ended = ended.map_err(Stop::from);
    if matches!(purpose.trail, Trail::Ship | Trail::Run) {
        trail::after(&work.context, app.output, purpose.trail, ended).await
    } else {
        ended
    }
}

/// What the engine wants to know of a run.
pub(crate) fn context<'a>(
    app: &App,
    database: &DatabaseConfig,
    driver: Arc<dyn Driver>,
    target: Target,
    observer: &'a dyn Observer,
    reason: Option<&str>,
) -> Context<'a> {
    // It is kept, shown and shipped for ever.
    let reason = reason.map(|reason| target.redact(reason));
    Context {
        driver,
        target,
        settings: database.settings(),
        observer,
        cancel: app.interrupt.token.clone(),
        actor: app.actor.clone(),
        pid: std::process::id(),
        run: Uuid::now_v7(),
        tool_version: env!("CARGO_PKG_VERSION").to_owned(),
        reason,
    }
}

/// The driver for a database, and whether its URL suits it.
pub(crate) fn driver(app: &App, database: &DatabaseConfig) -> Result<Arc<dyn Driver>, Stop> {
    let wrong = |diagnostic: Diagnostic| Stop::configuration(vec![diagnostic]);
    let connection = database
        .connection
        .as_ref()
        .map_err(|problems| Stop::configuration(problems.clone()))?;
    let unknown = |error: dbvc_engine::registry::UnknownDriver, source: String| {
        wrong(
            Diagnostic::error(config_codes::DRIVER, error.to_string())
                .note(format!("database `{}`, from {source}", database.name))
                .help("`dbvc drivers` lists what this build has"),
        )
    };
    let scheme = connection.target.scheme();
    let driver = app
        .registry
        .for_scheme(scheme)
        .map_err(|error| unknown(error, connection.source.to_string()))?;
    if let Some(named) = &database.driver {
        let wanted = app
            .registry
            .for_name(&named.value)
            .map_err(|error| unknown(error, named.source.to_string()))?;
        if wanted.info().name != driver.info().name {
            return Err(wrong(
                Diagnostic::error(
                    config_codes::CONFLICT,
                    format!("a `{scheme}:` URL does not go with driver `{}`", named.value),
                )
                .note(format!(
                    "the URL came from {}, the driver from {}",
                    connection.source, named.source
                ))
                .help("leave `driver` out, or change the URL"),
            ));
        }
    }
    driver
        .check(&connection.target)
        .map_err(|error| wrong(unusable(database, connection, driver.info().example_url, &error)))?;
    Ok(driver)
}

/// A URL or a connection string that its driver has no use for.
fn unusable(
    database: &DatabaseConfig,
    connection: &Connection,
    example_url: &str,
    error: &TargetError,
) -> Diagnostic {
    let (what, example) = if connection.is_string() {
        ("connection string", CONNECTION_STRING)
    } else {
        ("URL", example_url)
    };
    Diagnostic::error(
        config_codes::URL,
        format!(
            "the {what} of database `{}` cannot be used: {error}",
            database.name
        ),
    )
    .note(format!("it came from {}", connection.source))
    .help(format!("it should look like {example}"))
}

fn failed(
    app: &App,
    config: &Config,
    index: usize,
    values: Vec<Value>,
    mut stop: Stop,
) -> Result<Done, Stop> {
    let rest: Vec<&str> = config.databases[index + 1..]
        .iter()
        .map(|database| database.name.as_str())
        .collect();
    if config.databases.len() == 1 {
        return Err(stop);
    }
    if !rest.is_empty() {
        stop.diagnostics.push(
            Diagnostic::note_only(
                codes::NOT_RUN,
                format!(
                    "not run, because {} failed: {}",
                    config.databases[index].name,
                    rest.join(", ")
                ),
            )
            .help("mend it and run the same command again: what is done already is left alone"),
        );
    }
    if !app.output.json {
        return Err(stop);
    }
    let mut values = values;
    let mut document = stop.document();
    document["database"] = Value::String(config.databases[index].name.clone());
    values.push(document);
    Ok(Done {
        value: Value::Array(values),
        code: stop.code,
    })
}
