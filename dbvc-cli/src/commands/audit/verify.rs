//! `audit verify`: whether anybody changed the trail.

use std::path::Path;

use dbvc_engine::audit::{Anchor, Checked, Finding, PublicKey, read_anchors};
use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::project::ExitClass;
use dbvc_engine::project::Failed;
use dbvc_engine::project::audit::{ChainReport, ChainRequest, SinkSettings, verify};

use super::notes;
use crate::app::App;
use crate::args::AuditVerifyArgs;
use crate::config::Config;
use crate::render::{clean, count, json};
use crate::stop::{Done, Failing, Stop};
use crate::trail::{Trail, named};
use crate::work::{Work, each_with};
use crate::{codes, exit};

pub(super) async fn run(app: &App, config: &Config, args: &AuditVerifyArgs) -> Result<Done, Stop> {
    let anchors = match args.anchors.as_deref() {
        None => Vec::new(),
        Some("git") => notes::read(&config.root)?,
        Some(file) => anchors(&app.surroundings.directory.join(file))?,
    };
    let public_key = args
        .public_key
        .as_ref()
        .map(|file| public_key(&app.surroundings.directory.join(file)))
        .transpose()?;
    each_with(app, config, None, Trail::Read, async |work| {
        let request = ChainRequest {
            sinks: sinks(work, args)?,
            anchors: anchors.clone(),
            public_key: public_key.clone(),
        };
        one(work, &request).await
    })
    .await
}

fn sinks(work: &Work<'_>, args: &AuditVerifyArgs) -> Failing<Vec<SinkSettings>> {
    let settings = &work.context.settings.audit;
    if args.no_sinks {
        return Ok(Vec::new());
    }
    if args.sink.is_empty() {
        return Ok(settings.sinks.clone());
    }
    args.sink
        .iter()
        .map(|name| named(settings, name).cloned())
        .collect()
}

fn anchors(path: &Path) -> Result<Vec<Anchor>, Stop> {
    let text = std::fs::read_to_string(path).map_err(|error| Stop::file("read", path, &error))?;
    let none = |why: String| {
        let message = format!("{} holds no anchors{why}", path.display());
        Stop::usage(Diagnostic::error(codes::FILE, message).help("`dbvc audit anchor --to FILE` writes them"))
    };
    let found = read_anchors(&text).map_err(|error| none(format!(": {error}")))?;
    if found.is_empty() {
        return Err(none(String::new()));
    }
    Ok(found)
}

fn public_key(path: &Path) -> Result<PublicKey, Stop> {
    let text = std::fs::read_to_string(path).map_err(|error| Stop::file("read", path, &error))?;
    PublicKey::from_pem(&text).map_err(|error| {
        let message = format!("{} is {error}", path.display());
        let help = "`openssl pkey -in audit-key.pem -pubout -out audit-public.pem` writes one";
        Stop::usage(Diagnostic::error(codes::FILE, message).help(help))
    })
}

async fn one(work: &Work<'_>, request: &ChainRequest) -> Failing<Done> {
    work.heading();
    let report = verify(&work.context, request).await?;
    show(work, &report);
    let sound = report.is_sound();
    let mut value = json(&report);
    value["intact"] = sound.into();
    Ok(Done {
        value,
        code: if sound { exit::DONE } else { exit::FINDINGS },
    })
}

fn show(work: &Work<'_>, report: &ChainReport) {
    for place in &report.places {
        work.output.say(clean(&line(place)));
    }
    if report.anchors > 0 {
        work.output.say(format!(
            "compared with {}",
            count(report.anchors as u64, "anchor")
        ));
    }
    for finding in report.all_findings() {
        work.output.text_unless_json(clean(&told(finding)));
    }
    let wrong = report.all_findings().count() as u64;
    if wrong == 0 {
        work.output.say("intact");
    } else {
        work.output
            .text_unless_json(format!("NOT intact: {}", count(wrong, "finding")));
    }
}

/// What was read in one place.
pub(super) fn line(place: &Checked) -> String {
    let mut parts = vec![format!("{}: {}", place.place, count(place.events, "event"))];
    if let Some(head) = &place.head {
        parts.push(format!(
            "the newest is {} with digest {}",
            head.sequence, head.digest
        ));
    }
    if let Some(signed) = place.signed {
        parts.push(format!("{} right", count(signed, "signature")));
    }
    parts.join(", ")
}

/// A finding with how the two differ.
pub(super) fn told(finding: &Finding) -> String {
    let mut text = format!("{}: {}", finding.place, finding.message);
    for difference in &finding.differences {
        text.push_str("\n    ");
        text.push_str(difference);
    }
    text
}

/// The same as what a report tells where a place could not be read.
pub(super) fn failure(failed: &Failed) -> Vec<String> {
    let told = failed.diagnostics.iter();
    told.flat_map(|one| std::iter::once(one.message.clone()).chain(one.notes.clone()))
        .collect()
}

/// Whether it is the sink that failed, and not the database.
pub(super) fn is_away(failed: &Failed) -> bool {
    failed.exit == ExitClass::AuditUnavailable
}
