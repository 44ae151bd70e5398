//! Where output goes. A reader that went away ends nothing badly.

use std::io::Write;

use dbvc_engine::diagnostic::Diagnostic;
use serde::Serialize;
use serde_json::Value;

use super::diagnostics;
use crate::args::{ColorChoice, Global};

/// The narrowest and widest that messages are laid out for.
const WIDTHS: (usize, usize) = (60, 140);

/// Where output goes, and how much of it.
#[derive(Debug, Clone, Copy, Default)]
pub struct Output {
    /// One JSON document on standard output, and nothing else there.
    pub json: bool,
    /// Only what went wrong.
    pub quiet: bool,
    /// The SQL too, where a plan is shown.
    pub detailed: bool,
}

impl Output {
    /// As the flags say.
    pub fn new(global: &Global) -> Self {
        let choice = match global.color {
            ColorChoice::Auto => anstream::ColorChoice::Auto,
            ColorChoice::Always => anstream::ColorChoice::Always,
            ColorChoice::Never => anstream::ColorChoice::Never,
        };
        choice.write_global();
        Self {
            json: global.json,
            quiet: global.quiet,
            detailed: global.verbose > 0,
        }
    }

    /// A line for people; with `--json` nothing.
    pub fn say(self, text: impl AsRef<str>) {
        if !self.json && !self.quiet {
            line(&mut anstream::stdout(), text.as_ref());
        }
    }

    /// A line about what goes on: with the rest for people, on standard error with `--json`.
    pub fn progress(self, text: impl AsRef<str>) {
        if self.json {
            self.aside(text);
        } else {
            self.say(text);
        }
    }

    /// A line on standard error.
    pub fn aside(self, text: impl AsRef<str>) {
        if !self.quiet {
            line(&mut anstream::stderr(), text.as_ref());
        }
    }

    /// What was asked for and nothing else, so said even with `--quiet`: a completion script, the settings.
    pub fn text_unless_json(self, text: impl AsRef<str>) {
        if !self.json {
            line(&mut anstream::stdout(), text.as_ref());
        }
    }

    /// Diagnostics that the JSON document has anyway.
    pub fn diagnostics_unless_json(self, all: &[Diagnostic]) {
        if !self.json {
            self.diagnostics(all);
        }
    }

    /// Diagnostics for people, on standard error. With `--quiet` only errors.
    pub fn diagnostics(self, all: &[Diagnostic]) {
        let wanted: Vec<Diagnostic> = all
            .iter()
            .filter(|diagnostic| !self.quiet || diagnostic.is_error())
            .cloned()
            .collect();
        if !wanted.is_empty() {
            line(&mut anstream::stderr(), &diagnostics(&wanted, width()));
        }
    }

    /// A JSON document on a line of its own, for what goes on and on.
    pub fn json_line(self, value: &Value) {
        line(&mut std::io::stdout().lock(), &value.to_string());
    }

    /// The one JSON document; nothing for a command that has said all.
    pub fn document(self, value: &Value) {
        if self.json && !value.is_null() {
            let text = serde_json::to_string_pretty(value).unwrap_or_default();
            line(&mut std::io::stdout().lock(), &text);
        }
    }
}

/// A report as JSON; reports have only what JSON has.
pub(crate) fn json(report: &impl Serialize) -> Value {
    serde_json::to_value(report).unwrap_or(Value::Null)
}

fn width() -> usize {
    let columns = std::env::var("COLUMNS").ok().and_then(|text| text.parse().ok());
    columns.unwrap_or(WIDTHS.1).clamp(WIDTHS.0, WIDTHS.1)
}

fn line(stream: &mut dyn Write, text: &str) {
    // A closed pipe is the reader's choice, not an error.
    let _ = writeln!(stream, "{text}");
    let _ = stream.flush();
}
