//! `drift`: what was changed past dbvc.

use std::path::{Path, PathBuf};

use dbvc_engine::project::{
    Correction, CreateReport, DriftOptions, DriftReport, ExitClass, Expected, Failed, adopt_drift,
    approve_drift, drift,
};
use dbvc_engine::sql::comment;
use serde_json::json;

use super::create::{asked, of_one_database, told};
use super::page;
use crate::app::App;
use crate::args::DriftArgs;
use crate::config::Config;
use crate::exit;
use crate::render::{Story, count, json};
use crate::stop::{Done, Stop};
use crate::trail::Trail;
use crate::work::{Work, each_with};

pub(super) async fn run(app: &App, config: &Config, args: &DriftArgs) -> Result<Done, Stop> {
    let single = config.databases.len() == 1;
    if args.adopt.is_some() && !single {
        return Err(of_one_database());
    }
    each_with(
        app,
        config,
        args.approve.as_deref(),
        Trail::where_it_writes(args.approve.is_some()),
        async |work| {
            let name = &work.context.settings.database;
            let html = args.html.as_ref().map(|path| {
                let path = app.surroundings.directory.join(path);
                if single { path } else { named(&path, name) }
            });
            one(work, args, html.as_deref()).await
        },
    )
    .await
}

/// `drift.html` of the database `app` is `drift.app.html`.
fn named(path: &Path, database: &str) -> PathBuf {
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    path.with_extension(format!("{database}.{ending}"))
}

async fn one(work: &Work<'_>, args: &DriftArgs, html: Option<&Path>) -> Result<Done, Failed> {
    work.heading();
    let options = DriftOptions {
        against: args.against.map(Into::into),
        compare: args.ignore.into(),
    };
    let report = if args.approve.is_some() {
        let mut approve = |found: &DriftReport| {
            show(work, found);
            work.confirm("accept the changes to")
        };
        approve_drift(&work.context, &options, &mut approve).await?
    } else {
        drift(&work.context, &options).await?
    };
    if report.approved.is_none() {
        show(work, &report);
    }
    if let Some(path) = html {
        page::write(path, story(&report)).map_err(|problem| Failed::one(ExitClass::Usage, *problem))?;
        work.output.say(format!("written  {}", path.display()));
    }
    let adopted = adopt(work, args, &report)?;
    let (added, changed, removed) = report.found.counts();
    let found = count((added + changed + removed) as u64, "object");
    let drifted = !report.found.is_empty() && report.approved.is_none();
    match report.approved {
        Some(id) => work
            .output
            .say(format!("accepted: {found}, as snapshot {id} of the record")),
        None if drifted => work.output.say(format!("drift: {found}")),
        None => work.output.say("no drift"),
    }
    let mut value = json(&report);
    if let Some(created) = &adopted {
        value["adopted"] = json(created);
    }
    value["counts"] = json!({ "added": added, "changed": changed, "removed": removed });
    Ok(Done {
        value,
        code: if drifted { exit::DRIFT } else { exit::DONE },
    })
}

/// Writes the migration that was asked for. On this database its change is there already, so that it cannot run.
fn adopt(work: &Work<'_>, args: &DriftArgs, report: &DriftReport) -> Result<Option<CreateReport>, Failed> {
    let Some(description) = &args.adopt else {
        return Ok(None);
    };
    let created = adopt_drift(&work.context, report, &asked(None, description.clone()))?;
    if let Some(created) = &created {
        told(work.output, created);
        work.output
            .say("here undo the change by hand (the SQL is above), then `dbvc migrate`: every database gets it the same way");
    }
    Ok(created)
}

fn expected(report: &DriftReport) -> String {
    match &report.expected {
        Expected::Snapshot(entry) => format!(
            "snapshot {} ({}) of {}, by {}",
            entry.id,
            json(&entry.kind).as_str().unwrap_or_default(),
            entry.taken_at,
            entry.actor.user
        ),
        Expected::Migrations { version, .. } => format!("what the migrations up to {version} make"),
    }
}

/// What cannot be told of it.
fn unknown(report: &DriftReport) -> &[String] {
    match &report.expected {
        Expected::Migrations { unknown, .. } => unknown,
        Expected::Snapshot(_) => &[],
    }
}

const UNDO: &str = "To undo it";
const ADOPT: &str = "To adopt it, as a migration";

fn story(report: &DriftReport) -> Story<'_> {
    let way = |title: &str, way: &Option<Correction>| Some((title.to_owned(), way.as_ref()?.sql.clone()));
    let mut facts = vec![("expected".to_owned(), expected(report))];
    facts.extend(
        unknown(report)
            .iter()
            .map(|told| ("not known".to_owned(), told.clone())),
    );
    facts.extend(report.touched.iter().map(|touched| {
        let at = touched.last.at.map(|at| at.to_string());
        let told = [at, touched.last.by.clone()].into_iter().flatten();
        let told: Vec<String> = told.collect();
        (format!("{} changed last", touched.object), told.join(", "))
    }));
    Story {
        title: format!("Drift of {} in {}", report.database, report.environment),
        facts,
        before: &report.before,
        after: &report.after,
        found: &report.found,
        scripts: [way(UNDO, &report.undo), way(ADOPT, &report.adopt)]
            .into_iter()
            .flatten()
            .collect(),
    }
}

fn show(work: &Work<'_>, report: &DriftReport) {
    work.output.say(format!("expected: {}", expected(report)));
    for told in unknown(report) {
        work.output.say(format!("not known: {told}"));
    }
    if report.found.is_empty() {
        return;
    }
    work.output.say(report.found.to_string().trim_end());
    for touched in &report.touched {
        let at = touched.last.at.map(|at| format!(" {at}")).unwrap_or_default();
        let by = touched
            .last
            .by
            .as_ref()
            .map(|by| format!(" by {by}"))
            .unwrap_or_default();
        work.output
            .say(format!("changed last:{at}{by}: {}", touched.object));
    }
    for (title, way) in [(UNDO, &report.undo), (ADOPT, &report.adopt)] {
        match way {
            Some(way) => show_way(work, title, way),
            None => work.output.say(format!(
                "{title}: dbvc cannot write SQL for that on this database yet"
            )),
        }
    }
}

fn show_way(work: &Work<'_>, title: &str, way: &Correction) {
    work.output.say(format!("\n{title}:\n"));
    if let Some(reason) = &way.no_transaction {
        work.output
            .say(format!("-- dbvc: no-transaction\n{}", comment(reason)));
    }
    work.output.say(way.sql.trim());
    for left_out in &way.left_out {
        work.output.say(format!("not in the SQL  {left_out}"));
    }
}
