//! `migrate`: bring a database to its newest version.

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::plan::Plan;
use dbvc_engine::project::audit::planned;
use dbvc_engine::project::{
    Failed, MigrateOptions, MigrateReport, MigrateRequest, migrate, migrate_plan, plan_migrate,
};

use super::{plan, to_file};
use crate::app::App;
use crate::args::MigrateArgs;
use crate::codes;
use crate::config::Config;
use crate::exit;
use crate::render::{count, duration, json};
use crate::stop::{Done, Stop};
use crate::trail::Trail;
use crate::work::{Work, each_overriding};

pub(super) async fn run(app: &App, config: &Config, args: &MigrateArgs) -> Result<Done, Stop> {
    if let Some(path) = &args.to_file {
        if app.output.json && to_file::takes_stdout(Some(path)) {
            return Err(Stop::usage(
                Diagnostic::error(
                    codes::WORDS,
                    "`--to-file -` and `--json` both want standard output",
                )
                .help("write the script to a file, or leave `--json` out"),
            ));
        }
        to_file::begin(path)?;
    }
    let trail = Trail::where_it_runs(!args.dry_run && args.to_file.is_none());
    each_overriding(
        app,
        config,
        args.reason.as_deref(),
        trail,
        &args.overrides(),
        async |work| one(work, args).await,
    )
    .await
}

async fn one(work: &Work<'_>, args: &MigrateArgs) -> Result<Done, Failed> {
    let script_alone = to_file::takes_stdout(args.to_file.as_deref());
    if !script_alone {
        work.heading();
    }
    let request = MigrateRequest {
        options: MigrateOptions {
            target: args
                .target
                .as_deref()
                .map(|text| work.version(text))
                .transpose()?,
            out_of_order: args.out_of_order,
            ..MigrateOptions::default()
        },
        in_flight: args.in_flight.map(Into::into),
    };
    if args.dry_run || args.to_file.is_some() {
        let found = plan_migrate(&work.context, &request).await?;
        if script_alone {
            work.output.diagnostics_unless_json(&found.findings);
        } else {
            plan::show(work, &found)?;
        }
        if let (Some(path), false) = (&args.to_file, found.is_blocked()) {
            to_file::write(work, &found, path)?;
            planned(&work.context, &found).await;
        }
        return Ok(dry(&found));
    }
    let mut approve = |found: &Plan| {
        work.output.diagnostics_unless_json(&found.findings);
        work.confirm("migrate")
    };
    let report = match &args.plan {
        Some(path) => migrate_plan(&work.context, &plan::read(work, path)?, &mut approve).await?,
        None => migrate(&work.context, &request, &mut approve).await?,
    };
    said(work, &report);
    Ok(Done::well(json(&report)))
}

/// A plan that cannot be run is a finding.
pub(super) fn dry(found: &Plan) -> Done {
    Done {
        value: json(found),
        code: if found.is_blocked() {
            exit::FINDINGS
        } else {
            exit::DONE
        },
    }
}

/// The last line of a run.
pub(super) fn said(work: &Work<'_>, report: &MigrateReport) {
    let to = report.to.as_deref().unwrap_or("nothing");
    if report.steps.is_empty() {
        work.output.say(format!("nothing to do: at {to}"));
        return;
    }
    let took = std::time::Duration::from_millis(report.duration_ms);
    work.output.say(format!(
        "{} from {} to {to} in {}",
        count(report.steps.len() as u64, "script"),
        report.from.as_deref().unwrap_or("nothing"),
        duration(took)
    ));
}
