//! `validate`: the files, without a database.

use std::sync::Arc;

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::driver::{Driver, Target};
use dbvc_engine::observe::Silent;
use dbvc_engine::project::{ValidateOptions, validate};
use serde_json::Value;

use crate::app::App;
use crate::args::ValidateArgs;
use crate::config::{Config, DatabaseConfig, codes};
use crate::render::{count, json};
use crate::stop::{Done, Stop};
use crate::{exit, work};

pub(super) fn run(app: &App, config: &Config, args: &ValidateArgs) -> Result<Done, Stop> {
    let mut values = Vec::new();
    let mut code = exit::DONE;
    for database in &config.databases {
        let driver = driver(app, database)?;
        let target = target(&driver, database)?;
        let context = work::context(app, database, driver, target, &Silent, None);
        let report = validate(&context, ValidateOptions { fix: args.fix })?;
        app.output.diagnostics_unless_json(&report.findings);
        if let Some(sum) = &report.sum {
            app.output.say(format!("updated  {}", sum.display()));
        }
        let verdict = if report.is_faulty() {
            code = exit::FINDINGS;
            "faults found"
        } else {
            "fine"
        };
        app.output.say(format!(
            "{}: {}, {}: {verdict}",
            report.database,
            count(report.migrations as u64, "migration"),
            count(report.statements, "statement")
        ));
        values.push(json(&report));
    }
    let value = if values.len() == 1 {
        values.swap_remove(0)
    } else {
        Value::Array(values)
    };
    Ok(Done { value, code })
}

/// Whose SQL the files are written in: said by `driver` or a URL, else that of the only or first driver.
fn driver(app: &App, database: &DatabaseConfig) -> Result<Arc<dyn Driver>, Stop> {
    let named = database.driver.as_ref().map(|driver| driver.value.as_str());
    let Some(name) = named.or(database.scheme.as_deref()) else {
        return app.registry.first().ok_or_else(|| {
            Stop::configuration(vec![Diagnostic::error(
                codes::DRIVER,
                "this build has no drivers",
            )])
        });
    };
    app.registry.for_name(name).map_err(|error| {
        Stop::configuration(vec![
            Diagnostic::error(codes::DRIVER, error.to_string())
                .help("`dbvc drivers` lists what this build has"),
        ])
    })
}

/// The target, which nobody connects to: scripts may name it.
fn target(driver: &Arc<dyn Driver>, database: &DatabaseConfig) -> Result<Target, Stop> {
    if let Ok(connection) = &database.connection {
        return Ok(connection.target.clone());
    }
    let scheme = driver
        .info()
        .schemes
        .first()
        .copied()
        .unwrap_or(driver.info().name);
    Target::unknown(scheme)
        .map_err(|error| Stop::configuration(vec![Diagnostic::error(codes::URL, error.to_string())]))
}
