//! `rules`: a schema, held to the rules that the project has switched on.

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::lint::{DataVault, Inspected, Violation};
use dbvc_engine::project::read_schema;
use dbvc_engine::schema::Database;
use serde_json::{Value, json};

use super::sides::{on, side};
use crate::app::App;
use crate::args::RulesArgs;
use crate::config::{Config, DatabaseConfig};
use crate::render::{count, json as value_of};
use crate::stop::{Done, Stop};
use crate::{codes, exit};

pub(super) async fn run(app: &App, config: &Config, args: &RulesArgs) -> Result<Done, Stop> {
    let held: Vec<(&DatabaseConfig, DataVault)> = config
        .databases
        .iter()
        .filter_map(|database| Some((database, pack(database, args)?)))
        .collect();
    if held.is_empty() {
        return Err(none());
    }
    if args.schema.is_some() && held.len() > 1 {
        let message = "several databases have rules, and one schema is to be held to them";
        return Err(Stop::usage(
            Diagnostic::error(codes::WORDS, message).help("choose whose rules with `--database NAME`"),
        ));
    }
    let mut values = Vec::new();
    let mut code = exit::DONE;
    for (database, pack) in held {
        let schema = match &args.schema {
            Some(word) => side(app, Some(word)).await?,
            None => live(app, config, database).await?,
        };
        let inspected = pack.inspect(&schema);
        if !inspected.violations.is_empty() {
            code = exit::FINDINGS;
        }
        app.output.text_unless_json(text(&database.name, &inspected));
        let mut value = json!({ "database": database.name, "pack": "data-vault" });
        if let (Value::Object(value), Value::Object(found)) = (&mut value, value_of(&inspected)) {
            value.extend(found);
        }
        values.push(value);
    }
    Ok(Done {
        value: Value::Array(values),
        code,
    })
}

fn pack(database: &DatabaseConfig, args: &RulesArgs) -> Option<DataVault> {
    let usual = args.pack.map(|_| DataVault::default());
    database.rules.data_vault.clone().or(usual)
}

fn none() -> Stop {
    Stop::usage(
        Diagnostic::error(codes::RULES, "no rules are switched on")
            .help("write `[databases.NAME.rules.data_vault]` in dbvc.toml; `dbvc rules --help` shows what may stand there")
            .help("or try them with `--pack data-vault`"),
    )
}

async fn live(app: &App, config: &Config, database: &DatabaseConfig) -> Result<Database, Stop> {
    let one = Config {
        databases: vec![database.clone()],
        ..config.clone()
    };
    on(app, &one, async |context| read_schema(context).await).await
}

fn text(database: &str, inspected: &Inspected) -> String {
    let mut lines = Vec::new();
    let mut table = None;
    for violation in &inspected.violations {
        let name = of(violation);
        if table.as_ref() != Some(&name) {
            lines.push(name.clone());
            table = Some(name);
        }
        lines.push(format!("  {:<16}  {}", violation.rule, violation.message));
    }
    let verdict = match inspected.violations.len() {
        0 => "fine".to_owned(),
        found => count(found as u64, "finding"),
    };
    lines.push(format!(
        "{database}: data-vault: {}, {}, {}: {verdict}",
        count(inspected.hubs as u64, "hub"),
        count(inspected.links as u64, "link"),
        count(inspected.satellites as u64, "satellite"),
    ));
    lines.join("\n")
}

fn of(violation: &Violation) -> String {
    violation.object.as_ref().map_or_else(
        || "settings".to_owned(),
        dbvc_engine::schema::ObjectKey::full_name,
    )
}
