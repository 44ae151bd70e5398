//! The audit trail of a period as one page of HTML that an auditor can read and print. It loads nothing, and the
//! template escapes every text.

use askama::Template;

use super::runs::{Run, runs};
use super::{AuditAction, AuditEvent, Head};

/// What a page tells.
#[derive(Debug, Clone, Copy)]
pub struct AuditReport<'a> {
    /// Its heading.
    pub title: &'a str,
    /// The period's beginning; none for everything up to its end.
    pub since: Option<&'a str>,
    /// The period's end; none for everything from its beginning on.
    pub until: Option<&'a str>,
    /// When the page was made, in UTC.
    pub made_at: &'a str,
    /// By which version of dbvc.
    pub tool_version: &'a str,
    /// The databases, in the order of the page.
    pub databases: &'a [AuditReportOn<'a>],
}

/// One database's part of a page.
#[derive(Debug, Clone, Copy)]
pub struct AuditReportOn<'a> {
    /// The database's name in the project.
    pub database: &'a str,
    /// The events of the period, in order.
    pub events: &'a [AuditEvent],
    /// The chain's head when the page was made; none where there is no chain.
    pub head: Option<&'a Head>,
    /// What was checked.
    pub checks: &'a [AuditCheck],
}

/// What a look at the chain found, in one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditCheck {
    /// The place: the database's record, or a sink's name.
    pub place: String,
    /// Whether all is as it should be.
    pub intact: bool,
    /// Whether it could not be read, and nothing wrong was found in what could.
    pub unread: bool,
    /// What was found, each a sentence.
    pub told: Vec<String>,
}

/// Writes the page.
pub fn report(report: &AuditReport<'_>) -> Result<String, askama::Error> {
    let bound = |at: Option<&str>, open: &str| at.unwrap_or(open).to_owned();
    Page {
        title: report.title.to_owned(),
        since: bound(report.since, "the beginning"),
        until: bound(report.until, "now"),
        made_at: report.made_at.to_owned(),
        tool_version: report.tool_version.to_owned(),
        parts: report.databases.iter().map(part).collect(),
    }
    .render()
}

#[derive(Template)]
#[template(path = "audit.html")]
struct Page {
    title: String,
    since: String,
    until: String,
    made_at: String,
    tool_version: String,
    parts: Vec<Part>,
}

struct Part {
    database: String,
    environments: String,
    counts: Vec<(&'static str, usize)>,
    head: Option<Head>,
    checks: Vec<AuditCheck>,
    runs: Vec<Run>,
    failures: Vec<Row>,
    exceptions: Vec<Row>,
    events: Vec<Row>,
}

/// An event as a line of a table.
struct Row {
    sequence: u64,
    at: String,
    action: String,
    what: String,
    who: String,
    why: String,
    outcome: String,
    run: String,
    is_failure: bool,
}

fn part(on: &AuditReportOn<'_>) -> Part {
    let mut environments: Vec<&str> = on.events.iter().map(|event| event.environment.as_str()).collect();
    environments.sort_unstable();
    environments.dedup();
    let some = |wanted: fn(AuditAction) -> bool| -> Vec<Row> {
        on.events
            .iter()
            .filter(|event| wanted(event.action))
            .map(row)
            .collect()
    };
    let failures = some(is_failure);
    let exceptions = some(is_exception);
    let runs = runs(on.events);
    let count = |action| on.events.iter().filter(|event| event.action == action).count();
    Part {
        database: on.database.to_owned(),
        environments: environments.join(", "),
        counts: vec![
            ("events", on.events.len()),
            ("runs", runs.len()),
            ("migrations applied", count(AuditAction::Completed)),
            ("migrations undone", count(AuditAction::RolledBack)),
            ("failures", failures.len()),
        ],
        head: on.head.cloned(),
        checks: on.checks.to_vec(),
        runs,
        failures,
        exceptions,
        events: on.events.iter().map(row).collect(),
    }
}

fn is_failure(action: AuditAction) -> bool {
    matches!(action, AuditAction::Failed | AuditAction::RunFailed)
}

/// What a reviewer asks about: what did not simply follow from the files.
fn is_exception(action: AuditAction) -> bool {
    use AuditAction as A;
    !matches!(
        action,
        A::ChainStarted
            | A::RunStarted
            | A::RunCompleted
            | A::RunFailed
            | A::Started
            | A::Completed
            | A::Failed
            | A::RolledBack
            | A::Snapshot
    )
}

fn row(event: &AuditEvent) -> Row {
    Row {
        sequence: event.sequence,
        at: event.at.clone(),
        action: event.action.word().replace('-', " "),
        what: event.about(),
        who: event.actor.to_string(),
        why: event.reason.clone().unwrap_or_default(),
        outcome: event.ended(),
        run: event.run.clone(),
        is_failure: is_failure(event.action),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::sample;

    fn page(events: &[AuditEvent], checks: &[AuditCheck]) -> String {
        let head = Head {
            database_id: "shop".into(),
            sequence: 2,
            digest: "abc123".into(),
        };
        report(&AuditReport {
            title: "The audit trail of <shop>",
            since: Some("2026-11-01"),
            until: None,
            made_at: "2026-11-21T10:00:00Z",
            tool_version: "0.1.0",
            databases: &[AuditReportOn {
                database: "main",
                events,
                head: Some(&head),
                checks,
            }],
        })
        .expect("a page")
    }

    fn events() -> Vec<AuditEvent> {
        let chain = sample::chain("shop", 4);
        chain
            .iter()
            .map(|sealed| sealed.event().expect("an event"))
            .collect()
    }

    #[test]
    fn it_tells_period_runs_head_and_what_was_checked() {
        let intact = AuditCheck {
            place: "the database's record".into(),
            intact: true,
            unread: false,
            told: vec!["4 events, intact".into()],
        };
        let text = page(&events(), &[intact]);
        for wanted in [
            "2026-11-01",
            "abc123",
            "ann@build-7 as app",
            "V2__Add_orders.sql",
            "4 events, intact",
        ] {
            assert!(text.contains(wanted), "{wanted} is not in {text}");
        }
    }

    #[test]
    fn a_chain_that_is_broken_stands_out() {
        let broken = AuditCheck {
            place: "sink log".into(),
            intact: false,
            unread: false,
            told: vec!["event 3 was edited".into()],
        };
        let text = page(&events(), std::slice::from_ref(&broken));
        assert!(text.contains("class=\"bad\""), "{text}");
        assert!(text.contains("NOT intact"), "{text}");
        let away = AuditCheck {
            unread: true,
            ..broken
        };
        let text = page(&events(), &[away]);
        assert!(
            text.contains("could not be read") && !text.contains("NOT intact"),
            "{text}"
        );
    }

    #[test]
    fn every_text_is_escaped_and_nothing_is_loaded() {
        let mut found = events();
        let evil = "</td><script>alert(1)</script><img src=x>";
        found[0].reason = Some(evil.into());
        found[1].script = Some(evil.into());
        found[2].actor.user = evil.into();
        found[3].actor.ci_job = Some("javascript:alert(1)\"".into());
        let text = page(&found, &[]);
        assert!(!text.contains("<script") && !text.contains("<img"), "{text}");
        assert!(!text.contains(" href=") && !text.contains(" src=\""), "{text}");
        assert!(text.contains("default-src 'none'"));
    }

    #[test]
    fn failures_and_exceptions_are_listed_by_themselves() {
        let mut found = events();
        found[1].action = AuditAction::Failed;
        found[1].error_class = Some("constraint".into());
        found[2].action = AuditAction::ConfigurationOverridden;
        found[2].details.insert("setting".into(), "--out-of-order".into());
        (found[2].script, found[2].migration) = (None, None);
        let text = page(&found, &[]);
        assert!(text.contains("Failures (1)"), "{text}");
        assert!(text.contains("setting --out-of-order"), "{text}");
    }
}
