//! `version` and `list`: releases of the schema as files.

use std::path::{Path, PathBuf};

use dbvc_engine::project::{Failed, Release, ReleaseRequest, release, releases};
use serde_json::{Value, json};

use crate::app::App;
use crate::args::{ListArgs, VersionArgs};
use crate::config::Config;
use crate::render::{count, json, table};
use crate::stop::{Done, Stop};
use crate::trail::Trail;
use crate::work::{Work, each_with};

pub(super) async fn run(app: &App, config: &Config, args: &VersionArgs) -> Result<Done, Stop> {
    each_with(app, config, None, Trail::Aside, async |work| {
        let folder = folder(config, &args.folder, &work.context.settings.database);
        one(work, args, folder).await
    })
    .await
}

/// With several databases each has a folder of its own.
fn folder(config: &Config, folder: &Path, database: &str) -> PathBuf {
    let folder = config.root.join(folder);
    if config.databases.len() == 1 {
        folder
    } else {
        folder.join(database)
    }
}

async fn one(work: &Work<'_>, args: &VersionArgs, folder: PathBuf) -> Result<Done, Failed> {
    work.heading();
    let request = ReleaseRequest {
        version: work.version(&args.version)?,
        description: args.description.clone(),
        folder,
    };
    let report = release(&work.context, &request).await?;
    for file in &report.files {
        work.output.say(format!("written  {}", file.display()));
    }
    for left_out in &report.left_out {
        work.output.say(format!("not in the SQL  {left_out}"));
    }
    work.output.say(format!(
        "v{}: {}, {}, {} of seed data",
        report.info.version,
        count(report.info.tables.len() as u64, "table"),
        count(report.info.migration_count as u64, "migration"),
        count(report.info.seed_rows, "row"),
    ));
    Ok(Done::well(json(&report)))
}

pub(super) fn list(app: &App, config: &Config, args: &ListArgs) -> Result<Done, Stop> {
    let single = config.databases.len() == 1;
    let mut values = Vec::new();
    for database in &config.databases {
        let found = releases(&folder(config, &args.folder, &database.name))?;
        if !single {
            app.output.say(&database.name);
        }
        show(app, &found);
        values.push(json!({ "database": database.name, "versions": json(&found) }));
    }
    let value = match values.pop() {
        Some(value) if single => value,
        last => {
            values.extend(last);
            Value::Array(values)
        }
    };
    Ok(Done::well(value))
}

fn show(app: &App, found: &[Release]) {
    if found.is_empty() {
        app.output.say("no versions yet: `dbvc version 1.0.0` writes one");
        return;
    }
    let header = ["version", "created", "tables", "migrations", "description"];
    let rows = found.iter().map(|release| {
        let Some(info) = &release.info else {
            let told = "its info.json cannot be read".to_owned();
            return vec![
                release.name.clone(),
                String::new(),
                String::new(),
                String::new(),
                told,
            ];
        };
        vec![
            release.name.clone(),
            info.created_at.clone(),
            info.tables.len().to_string(),
            info.migration_count.to_string(),
            info.description.clone(),
        ]
    });
    app.output.say(table(&header, rows.collect()));
}
