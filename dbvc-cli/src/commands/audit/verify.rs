//! `audit verify`: whether anybody changed the trail.

use std::path::Path;

use dbvc_engine::audit::{Anchor, Checked, Finding, PublicKey, read_anchors};
use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::project::audit::{ChainReport, ChainRequest, SinkSettings, UnreadableSink, verify};

use super::notes;
use crate::app::App;
use crate::args::AuditVerifyArgs;
use crate::config::Config;
use crate::render::{clean, count, json};
use crate::stop::{Done, Failing, Stop};
use crate::trail::{Trail, named};
use crate::work::{Work, each_with};
use crate::{codes, exit};

/// So many findings in a row are told as one.
const FEW: usize = 4;

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
    let away: Vec<Diagnostic> = report.unreadable.iter().map(unread).collect();
    work.output.diagnostics_unless_json(&away);
    let sound = report.is_sound();
    let mut value = json(&report);
    value["intact"] = (sound && away.is_empty()).into();
    Ok(Done {
        value,
        code: match (sound, away.is_empty()) {
            (false, _) => exit::FINDINGS,
            (true, false) => exit::AUDIT,
            (true, true) => exit::DONE,
        },
    })
}

fn unread(sink: &UnreadableSink) -> Diagnostic {
    let message = format!("the audit trail's sink {} cannot be read", sink.sink);
    let mut problem = Diagnostic::error("DBVC8002", message);
    problem.notes.extend(sink.why.iter().cloned());
    problem
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
    for note in &report.notes {
        work.output.say(clean(&format!("note: {note}")));
    }
    let findings: Vec<&Finding> = report.all_findings().collect();
    for text in ranges(&findings) {
        work.output.text_unless_json(clean(&text));
    }
    let wrong = findings.len() as u64;
    if wrong > 0 {
        work.output
            .text_unless_json(format!("NOT intact: {}", count(wrong, "finding")));
    } else if report.unreadable.is_empty() {
        work.output.say("intact");
    } else {
        work.output.text_unless_json("intact as far as it could be read");
    }
}

/// Findings as lines: of many of one kind about events that follow each other only the first is told.
fn ranges(findings: &[&Finding]) -> Vec<String> {
    let follows = |one: &Finding, next: &Finding| {
        let after = one.sequence.and_then(|sequence| sequence.checked_add(1));
        one.place == next.place && one.kind == next.kind && after.is_some() && after == next.sequence
    };
    let mut lines = Vec::new();
    for run in findings.chunk_by(|one, next| follows(one, next)) {
        match run {
            [first, .., last] if run.len() >= FEW => lines.push(format!(
                "{}: events {}–{}: {} like the first of them:\n{}",
                first.place,
                first.sequence.unwrap_or_default(),
                last.sequence.unwrap_or_default(),
                count(run.len() as u64, "finding"),
                told(first)
            )),
            few => lines.extend(few.iter().map(|finding| told(finding))),
        }
    }
    lines
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

#[cfg(test)]
mod tests {
    use super::*;
    use dbvc_engine::audit::FindingKind;

    fn finding(sequence: u64, kind: FindingKind) -> Finding {
        Finding {
            place: "archive".into(),
            sequence: Some(sequence),
            kind,
            message: format!("event {sequence} is wrong"),
            differences: Vec::new(),
        }
    }

    #[test]
    fn findings_of_one_kind_about_events_in_a_row_become_a_range() {
        let mut all: Vec<Finding> = (12..=911)
            .map(|place| finding(place, FindingKind::Differs))
            .collect();
        all.push(finding(912, FindingKind::Edited));
        all.push(finding(2000, FindingKind::Edited));
        let lines = ranges(&all.iter().collect::<Vec<_>>());
        assert_eq!(lines.len(), 3, "{lines:?}");
        assert!(
            lines[0].starts_with("archive: events 12–911: 900 findings"),
            "{lines:?}"
        );
        assert!(lines[0].ends_with("archive: event 12 is wrong"), "{lines:?}");
    }
}
