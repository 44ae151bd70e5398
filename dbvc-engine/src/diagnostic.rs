//! What dbvc tells people: one value, many renderers.

use std::path::PathBuf;

use serde::{Deserialize, Serialize};

use crate::text::LineColumn;

/// How much a diagnostic matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// Good to know.
    Note,
    /// Goes on, but should be looked at.
    Warning,
    /// Stops.
    Error,
}

/// A place in a file that a diagnostic points to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Label {
    /// The file, as people should see it.
    pub path: PathBuf,
    /// Where in it; none for the file as a whole.
    pub at: Option<LineColumn>,
    /// How many characters to underline; at least one.
    pub length: u32,
    /// The line itself, so that a renderer need not open the file.
    pub line: Option<String>,
    /// What is to be said about the place.
    pub text: String,
}

impl Label {
    /// A label on a whole file.
    pub fn file(path: impl Into<PathBuf>) -> Self {
        Self {
            path: path.into(),
            at: None,
            length: 1,
            line: None,
            text: String::new(),
        }
    }

    /// A label on one place.
    pub fn place(path: impl Into<PathBuf>, at: LineColumn, text: impl Into<String>) -> Self {
        Self {
            path: path.into(),
            at: Some(at),
            length: 1,
            line: None,
            text: text.into(),
        }
    }
}

/// One thing that dbvc has to say.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Diagnostic {
    /// A stable code such as `DBVC5001`; `docs/reference/diagnostics.md` lists them.
    pub code: String,
    /// How much it matters.
    pub severity: Severity,
    /// What happened, lower-case, without full stop.
    pub message: String,
    /// Where.
    pub labels: Vec<Label>,
    /// What else is true: what ran, what was rolled back, who holds the lock.
    pub notes: Vec<String>,
    /// What to do next.
    pub help: Vec<String>,
}

impl Diagnostic {
    /// A diagnostic of severity error.
    pub fn error(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Error, code, message)
    }

    /// A diagnostic of severity warning.
    pub fn warning(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Warning, code, message)
    }

    /// A diagnostic of severity note.
    pub fn note_only(code: &str, message: impl Into<String>) -> Self {
        Self::new(Severity::Note, code, message)
    }

    fn new(severity: Severity, code: &str, message: impl Into<String>) -> Self {
        Self {
            code: code.to_owned(),
            severity,
            message: message.into(),
            labels: Vec::new(),
            notes: Vec::new(),
            help: Vec::new(),
        }
    }

    /// The same with a place.
    #[must_use]
    pub fn label(mut self, label: Label) -> Self {
        self.labels.push(label);
        self
    }

    /// The same with one more note.
    #[must_use]
    pub fn note(mut self, note: impl Into<String>) -> Self {
        self.notes.push(note.into());
        self
    }

    /// The same with one more piece of advice.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help.push(help.into());
        self
    }

    /// Whether this must stop a run.
    pub fn is_error(&self) -> bool {
        self.severity == Severity::Error
    }
}
