//! `config`: the settings that count, and where each came from.

use std::path::PathBuf;

use serde_json::{Value, json};

use crate::app::App;
use crate::config::{
    AuditConfig, Config, Connection, DatabaseConfig, Source, Sourced, Surroundings, duration,
};
use crate::render::{json as value_of, table};
use crate::stop::{Done, Stop};

/// A line of the table.
struct Row {
    key: String,
    value: String,
    source: Source,
}

impl Row {
    fn new<T>(key: &str, sourced: &Sourced<T>, show: impl FnOnce(&T) -> String) -> Self {
        Self {
            key: key.to_owned(),
            value: show(&sourced.value),
            source: sourced.source.clone(),
        }
    }
}

pub(super) fn run(app: &App, config: &Config) -> Result<Done, Stop> {
    let mut rows = vec![
        Row::new("project", &config.project, Clone::clone),
        Row::new("environment", &config.environment, Clone::clone),
        Row::new("protected", &config.protected, ToString::to_string),
    ];
    let mut problems = Vec::new();
    for database in &config.databases {
        rows.extend(of_database(database, &app.surroundings));
        match &database.connection {
            Ok(connection) => problems.extend(connection.warnings.clone()),
            Err(found) => problems.extend(found.clone()),
        }
    }
    match &config.audit {
        Ok(audit) => {
            rows.extend(of_audit(audit));
            problems.extend(audit.warnings.clone());
        }
        Err(found) => problems.extend(found.clone()),
    }
    let cells = rows
        .iter()
        .map(|row| vec![row.key.clone(), row.value.clone(), row.source.to_string()])
        .collect();
    app.output
        .text_unless_json(table(&["setting", "value", "from"], cells));
    let settings: Vec<Value> = rows
        .iter()
        .map(|row| {
            json!({
                "key": row.key,
                "value": row.value,
                "from": row.source.to_string(),
                "source": value_of(&row.source),
            })
        })
        .collect();
    let document = json!({
        "root": config.root,
        "file": config.file,
        "settings": settings,
        "diagnostics": value_of(&problems),
    });
    if problems.iter().any(dbvc_engine::diagnostic::Diagnostic::is_error) && !app.output.json {
        return Err(Stop::configuration(problems));
    }
    app.output.diagnostics_unless_json(&problems);
    Ok(Done::well(document))
}

/// What is shown only where it is said.
fn of_scratch(database: &DatabaseConfig, folder: impl Fn(&PathBuf) -> String) -> Vec<Row> {
    let place = database.scratch.iter();
    let mut rows: Vec<Row> = place
        .map(|place| Row::new("scratch", place, ToString::to_string))
        .collect();
    rows.extend(
        database
            .schema
            .iter()
            .map(|file| Row::new("schema", file, &folder)),
    );
    rows
}

fn of_database(database: &DatabaseConfig, surroundings: &Surroundings) -> Vec<Row> {
    let mut rows = Vec::new();
    if let Some(driver) = &database.driver {
        rows.push(Row::new("driver", driver, Clone::clone));
    }
    if let Ok(connection) = &database.connection {
        rows.extend(of_connection(connection));
    }
    let limit = |limit: &Option<std::time::Duration>| limit.map_or_else(|| "none".to_owned(), duration::show);
    let folder = |path: &PathBuf| surroundings.shown(path).display().to_string();
    let scheme = Row::new("versioning", &database.versioning, |scheme| {
        scheme.map_or_else(|| "found out".to_owned(), |scheme| scheme.to_string())
    });
    rows.extend(of_scratch(database, folder));
    rows.extend([
        Row::new("migrations", &database.migrations, folder),
        Row::new("rollback", &database.rollback, folder),
        scheme,
        Row::new("naming", &database.naming, |rules| {
            let style = value_of(&rules.style);
            format!(
                "{} {}",
                style.as_str().unwrap_or_default(),
                rules.vague.join(", ")
            )
            .trim()
            .to_owned()
        }),
        Row::new("history_schema", &database.history_schema, Clone::clone),
        Row::new("history_prefix", &database.history_prefix, Clone::clone),
        Row::new("out_of_order", &database.out_of_order, ToString::to_string),
        Row::new("require_undo", &database.require_undo, ToString::to_string),
        Row::new("require_sum", &database.require_sum, ToString::to_string),
        Row::new("statement_timeout", &database.statement_timeout, limit),
        Row::new("lock_timeout", &database.lock_timeout, limit),
        Row::new("lock_patience", &database.lock_patience, |patience| {
            duration::show(*patience)
        }),
        Row::new("lock_wait", &database.lock_wait, |wait| duration::show(*wait)),
        Row::new("durable", &database.durable, word),
        Row::new("seed_tables", &database.seed_tables, |tables| listed(tables)),
        Row::new("on_drift", &database.on_drift, word),
        Row::new("lock_lease", &database.lock_lease, |lease| duration::show(*lease)),
    ]);
    for (name, placeholder) in &database.placeholders {
        rows.push(Row::new(&format!("placeholders.{name}"), placeholder, |found| {
            found.shown.clone()
        }));
    }
    for row in &mut rows {
        row.key = format!("{}.{}", database.name, row.key);
    }
    rows
}

fn of_audit(audit: &AuditConfig) -> Vec<Row> {
    let mut rows = vec![Row::new("audit.enabled", &audit.enabled, ToString::to_string)];
    let key = audit.signing_key.iter();
    rows.extend(key.map(|key| Row::new("audit.signing_key", key, ToString::to_string)));
    let id = audit.database_id.iter();
    rows.extend(id.map(|id| Row::new("audit.database_id", id, ToString::to_string)));
    let key = audit.public_key.iter();
    rows.extend(key.map(|key| Row::new("audit.public_key", key, |_| "set".to_owned())));
    for sink in &audit.sinks {
        let row = |key: &str| format!("audit.sinks.{}.{key}", sink.name);
        rows.push(Row::new(&row("url"), &sink.url, |_| sink.shown.clone()));
        rows.push(Row::new(&row("on_failure"), &sink.on_failure, word));
        let options = sink.options.iter();
        // Which of a driver's settings is a secret is not known here.
        rows.extend(options.map(|(name, option)| Row::new(&row(name), option, ToString::to_string)));
    }
    rows
}

/// The word of one of the small enums.
fn word<T: serde::Serialize>(value: &T) -> String {
    value_of(value).as_str().unwrap_or_default().to_owned()
}

fn listed(names: &[String]) -> String {
    if names.is_empty() {
        "none".to_owned()
    } else {
        names.join(", ")
    }
}

fn of_connection(connection: &Connection) -> Vec<Row> {
    let mut rows = vec![Row {
        key: "url".into(),
        value: connection.target.shown(),
        source: connection.source.clone(),
    }];
    let parts = &connection.parts;
    for (key, part) in [
        ("url.host", &parts.host),
        ("url.port", &parts.port),
        ("url.name", &parts.name),
        ("url.user", &parts.user),
    ] {
        rows.extend(part.as_ref().map(|part| Row::new(key, part, Clone::clone)));
    }
    if let Some(password) = &parts.password {
        rows.push(Row::new("url.password", password, ToString::to_string));
    }
    rows
}
