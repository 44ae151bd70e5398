//! Events for those who have no dbvc: a table for spreadsheets, and a bundle that can be checked with common tools.

use std::fmt::Write as _;

use serde_json::json;

use super::{AuditEvent, Head, Sealed};

/// The columns of the table, in their order.
const COLUMNS: [&str; 28] = [
    "database_id",
    "sequence",
    "at",
    "action",
    "environment",
    "migration",
    "script",
    "outcome",
    "error_class",
    "reason",
    "login",
    "user",
    "host",
    "ci_job",
    "git_commit",
    "git_branch",
    "run",
    "plan_digest",
    "checksum",
    "started_at",
    "duration_ms",
    "details",
    "tool_version",
    "id",
    "previous",
    "digest",
    "signature",
    "problem",
];

/// Events as comma-separated values (RFC 4180): a header, one line an event, CRLF at the end of each.
///
/// A cell that a spreadsheet would take for a formula begins with an apostrophe, as OWASP advises. An event that cannot
/// be read has its digest and what is wrong with it, so that no line is missing.
pub fn csv(events: &[Sealed]) -> String {
    let mut text = String::new();
    line(&mut text, COLUMNS.iter().map(|name| (*name).to_owned()));
    for sealed in events {
        match sealed.event() {
            Ok(event) => line(&mut text, cells(&event, sealed).into_iter()),
            Err(error) => {
                let mut cells = vec![String::new(); COLUMNS.len()];
                cells[COLUMNS.len() - 3].clone_from(&sealed.digest);
                cells[COLUMNS.len() - 2] = sealed.signature.clone().unwrap_or_default();
                cells[COLUMNS.len() - 1] = error.to_string();
                line(&mut text, cells.into_iter());
            }
        }
    }
    text
}

fn cells(event: &AuditEvent, sealed: &Sealed) -> Vec<String> {
    let maybe = |text: &Option<String>| text.clone().unwrap_or_default();
    let details = if event.details.is_empty() {
        String::new()
    } else {
        json!(event.details).to_string()
    };
    vec![
        event.database_id.clone(),
        event.sequence.to_string(),
        event.at.clone(),
        event.action.word(),
        event.environment.clone(),
        maybe(&event.migration),
        maybe(&event.script),
        maybe(&event.outcome),
        maybe(&event.error_class),
        maybe(&event.reason),
        event.actor.login.clone(),
        event.actor.user.clone(),
        event.actor.host.clone(),
        maybe(&event.actor.ci_job),
        maybe(&event.actor.git_commit),
        maybe(&event.actor.git_branch),
        event.run.clone(),
        maybe(&event.plan_digest),
        maybe(&event.checksum),
        maybe(&event.started_at),
        event.duration_ms.map(|took| took.to_string()).unwrap_or_default(),
        details,
        event.tool_version.clone(),
        event.id.clone(),
        event.previous.clone(),
        sealed.digest.clone(),
        maybe(&sealed.signature),
        String::new(),
    ]
}

fn line(text: &mut String, cells: impl Iterator<Item = String>) {
    for (index, content) in cells.enumerate() {
        if index > 0 {
            text.push(',');
        }
        cell(text, &content);
    }
    text.push_str("\r\n");
}

fn cell(text: &mut String, content: &str) {
    let formula = content.starts_with(['=', '+', '-', '@', '\t', '\r', '\n']);
    if !formula && !content.contains([',', '"', '\r', '\n']) {
        text.push_str(content);
        return;
    }
    text.push('"');
    if formula {
        text.push('\'');
    }
    text.push_str(&content.replace('"', "\"\""));
    text.push('"');
}

/// One file of a bundle.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BundleFile {
    /// Its name in the bundle's folder.
    pub name: &'static str,
    /// Its bytes.
    pub content: Vec<u8>,
}

/// How a bundle is to be checked, with the commands. `docs/guide/audit.md` has the same.
pub const BUNDLE_README: &str = include_str!("bundle.md");

/// A whole chain as files that need no dbvc to be checked: the events' canonical texts, their digests and signatures line
/// by line, the head, the public key, and how to check all that. `events` is the chain from its first event on.
pub fn bundle(events: &[Sealed], head: &Head, public_key: Option<&str>) -> Vec<BundleFile> {
    let lines = |pick: &dyn Fn(&Sealed) -> &str| {
        let mut text = String::new();
        for event in events {
            // Writing to a text cannot fail.
            let _ = writeln!(text, "{}", pick(event));
        }
        text.into_bytes()
    };
    let heads = serde_json::to_string_pretty(&[head]).unwrap_or_default() + "\n";
    let mut files = vec![
        file("README.md", BUNDLE_README),
        BundleFile {
            name: "events.jsonl",
            content: lines(&|event| &event.text),
        },
        BundleFile {
            name: "digests.txt",
            content: lines(&|event| &event.digest),
        },
        file("heads.json", &heads),
    ];
    if events.iter().any(|event| event.signature.is_some()) {
        files.push(BundleFile {
            name: "signatures.txt",
            content: lines(&|event| event.signature.as_deref().unwrap_or("-")),
        });
    }
    if let Some(key) = public_key {
        files.push(file("public-key.pem", key));
    }
    files
}

fn file(name: &'static str, text: &str) -> BundleFile {
    BundleFile {
        name,
        content: text.as_bytes().to_vec(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::audit::sample;

    fn one(change: impl Fn(&mut AuditEvent)) -> Vec<Sealed> {
        sample::chain_with("shop", 1, change)
    }

    /// Reads a table as RFC 4180 says.
    fn read(text: &str) -> Vec<Vec<String>> {
        let mut rows = vec![vec![String::new()]];
        let mut quoted = false;
        let mut letters = text.chars().peekable();
        while let Some(letter) = letters.next() {
            let row = rows.last_mut().expect("a row");
            match letter {
                '"' if quoted && letters.peek() == Some(&'"') => {
                    letters.next();
                    row.last_mut().expect("a cell").push('"');
                }
                '"' => quoted = !quoted,
                ',' if !quoted => row.push(String::new()),
                '\r' if !quoted && letters.peek() == Some(&'\n') => {
                    letters.next();
                    rows.push(vec![String::new()]);
                }
                other => row.last_mut().expect("a cell").push(other),
            }
        }
        assert_eq!(rows.pop(), Some(vec![String::new()]), "the last line has an end");
        rows
    }

    #[test]
    fn odd_texts_come_back_from_the_table_as_they_were() {
        let rows = read(&csv(&one(|event| {
            event.reason = Some("a \"b\", c\r\nd ü".into());
        })));
        assert_eq!(rows[0], COLUMNS);
        let at = COLUMNS.iter().position(|name| *name == "reason").expect("there");
        assert_eq!(rows[1][at], "a \"b\", c\r\nd ü");
        assert_eq!(rows[1].len(), COLUMNS.len());
    }

    #[test]
    fn no_cell_is_a_formula() {
        for formula in ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1"] {
            let rows = read(&csv(&one(|event| event.reason = Some(formula.into()))));
            assert!(rows[1].contains(&format!("'{formula}")), "{rows:?}");
        }
    }

    #[test]
    fn an_event_that_was_edited_has_a_line_that_says_so() {
        let mut sealed = one(|_| ()).remove(0);
        sealed.text = sealed.text.replace("\"sequence\":1", "\"sequence\":2");
        let rows = read(&csv(&[sealed.clone()]));
        assert!(rows[1].contains(&sealed.digest), "{rows:?}");
        assert!(
            rows[1].last().expect("a cell").contains("its digest is"),
            "{rows:?}"
        );
    }

    #[test]
    fn a_bundle_has_one_line_an_event_in_each_of_its_lists() {
        let events = sample::chain("shop", 3);
        let head = Head {
            database_id: "shop".into(),
            sequence: 3,
            digest: events[2].digest.clone(),
        };
        let files = bundle(&events, &head, Some("-----BEGIN PUBLIC KEY-----\n"));
        let names: Vec<&str> = files.iter().map(|file| file.name).collect();
        assert_eq!(
            names,
            [
                "README.md",
                "events.jsonl",
                "digests.txt",
                "heads.json",
                "public-key.pem"
            ]
        );
        for name in ["events.jsonl", "digests.txt"] {
            let file = files.iter().find(|file| file.name == name).expect("there");
            assert_eq!(String::from_utf8_lossy(&file.content).lines().count(), 3);
        }
    }
}
