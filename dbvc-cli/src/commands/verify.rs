//! `verify`: the files against the record.

use dbvc_engine::project::{Failed, VerifyOptions, verify};

use crate::app::App;
use crate::args::VerifyArgs;
use crate::config::Config;
use crate::exit;
use crate::render::{count, json};
use crate::stop::{Done, Stop};
use crate::trail::Trail;
use crate::work::{Work, each_with, migration};

pub(super) async fn run(app: &App, config: &Config, args: &VerifyArgs) -> Result<Done, Stop> {
    each_with(
        app,
        config,
        args.reason.as_deref(),
        Trail::where_it_writes(args.fix),
        async |work| one(work, args).await,
    )
    .await
}

async fn one(work: &Work<'_>, args: &VerifyArgs) -> Result<Done, Failed> {
    work.heading();
    let options = VerifyOptions {
        fix: args.fix,
        only: args.migration.as_deref().map(migration).transpose()?,
    };
    let mut approve = |corrections: &[String]| {
        for correction in corrections {
            work.output.progress(format!("  will fix  {correction}"));
        }
        work.confirm("correct the record of")
    };
    let report = verify(&work.context, &options, &mut approve).await?;
    work.output.diagnostics_unless_json(&report.findings);
    for fixed in &report.fixed {
        work.output.say(format!("  fixed     {fixed}"));
    }
    let verdict = if report.is_faulty() {
        "faults found"
    } else {
        "fine"
    };
    work.output.say(format!(
        "{}: {verdict}",
        count(report.checked as u64, "migration")
    ));
    Ok(Done {
        code: if report.is_faulty() {
            exit::FINDINGS
        } else {
            exit::DONE
        },
        value: json(&report),
    })
}
