//! `audit flush`: ship what waits.

use dbvc_engine::project::audit::{ShipReport, flush, sign};

use crate::app::App;
use crate::args::AuditFlushArgs;
use crate::config::Config;
use crate::exit;
use crate::render::{clean, count, json};
use crate::stop::{Done, Failing, Stop};
use crate::trail::{Trail, no_sink};
use crate::work::{Work, each_with};

pub(super) async fn run(app: &App, config: &Config, args: &AuditFlushArgs) -> Result<Done, Stop> {
    each_with(app, config, None, Trail::Read, async |work| one(work, args).await).await
}

async fn one(work: &Work<'_>, args: &AuditFlushArgs) -> Failing<Done> {
    work.heading();
    let older = if args.sign_older {
        sign(&work.context, true).await?
    } else {
        0
    };
    let mut report = flush(&work.context).await?;
    report.signed += older;
    show(work, &report);
    // Whoever asks for it wants to know, whatever a run would make of it.
    let away = report.failed().next().is_some();
    Ok(Done {
        value: json(&report),
        code: if away { exit::AUDIT } else { exit::DONE },
    })
}

fn show(work: &Work<'_>, report: &ShipReport) {
    if report.signed > 0 {
        work.output
            .say(format!("signed  {}", count(report.signed, "event")));
    }
    if report.sinks.is_empty() {
        work.output.say(no_sink(&work.context.settings.audit));
    }
    for sink in &report.sinks {
        let mut parts = vec![format!("{}: {} shipped", sink.sink, count(sink.shipped, "event"))];
        if sink.documents > 0 {
            parts.push(format!("{} copied", count(sink.documents, "document")));
        }
        if let Some(failure) = &sink.failure {
            parts.push(format!("{} waiting: {failure}", sink.waiting));
            work.output.text_unless_json(clean(&parts.join(", ")));
        } else {
            work.output.say(clean(&parts.join(", ")));
        }
    }
}
