//! How a command ends.

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::project::{Failed, StepReport};
use serde_json::{Value, json};

use crate::{codes, exit, render};

/// A command that ended well, or with findings.
#[derive(Debug)]
pub(crate) struct Done {
    /// The report.
    pub(crate) value: Value,
    /// The exit code.
    pub(crate) code: u8,
}

impl Done {
    /// A good end.
    pub(crate) fn well(value: Value) -> Self {
        Self {
            value,
            code: exit::DONE,
        }
    }

    /// A good end of what has said all that there is to say.
    pub(crate) fn silently() -> Self {
        Self::well(Value::Null)
    }
}

/// What becomes of a part of a command.
pub(crate) type Failing<T> = Result<T, Failed>;

/// A command that did not end well.
#[derive(Debug)]
pub(crate) struct Stop {
    pub(crate) code: u8,
    pub(crate) diagnostics: Vec<Diagnostic>,
    pub(crate) steps: Vec<StepReport>,
}

impl Stop {
    /// The command line makes no sense.
    pub(crate) fn usage(diagnostic: Diagnostic) -> Self {
        Self::new(exit::USAGE, vec![diagnostic])
    }

    /// Settings are wrong.
    pub(crate) fn configuration(diagnostics: Vec<Diagnostic>) -> Self {
        Self::new(exit::CONFIGURATION, diagnostics)
    }

    /// Something else, with this code.
    pub(crate) fn new(code: u8, diagnostics: Vec<Diagnostic>) -> Self {
        Self {
            code,
            diagnostics,
            steps: Vec::new(),
        }
    }

    /// A file that cannot be read or written.
    pub(crate) fn file(what: &str, path: &std::path::Path, error: &std::io::Error) -> Self {
        let help = match error.kind() {
            std::io::ErrorKind::NotFound if what == "write" => "make the folder first",
            std::io::ErrorKind::NotFound => "check the path; it counts from the working directory",
            std::io::ErrorKind::IsADirectory => "name a file in it",
            _ => "check the rights of the file and of its folder",
        };
        let message = format!("cannot {what} {}: {error}", path.display());
        Self::usage(Diagnostic::error(codes::FILE, message).help(help))
    }

    /// The JSON document of this end.
    pub(crate) fn document(&self) -> Value {
        let mut document = json!({
            "exit_code": self.code,
            "diagnostics": render::json(&self.diagnostics),
        });
        if !self.steps.is_empty() {
            document["steps"] = render::json(&self.steps);
        }
        document
    }
}

impl From<Failed> for Stop {
    fn from(failed: Failed) -> Self {
        Self {
            code: exit::code(failed.exit),
            diagnostics: failed.diagnostics,
            steps: failed.steps,
        }
    }
}

impl From<Box<Diagnostic>> for Stop {
    fn from(diagnostic: Box<Diagnostic>) -> Self {
        Self::usage(*diagnostic)
    }
}
