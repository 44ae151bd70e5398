//! A value that remembers where it came from.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

/// Where a setting came from, weakest first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case", tag = "kind")]
pub enum Source {
    /// dbvc's own default.
    Default,
    /// A file of the project.
    File {
        /// The file, as people are shown it.
        path: PathBuf,
        /// The 1-based line, where it is known.
        line: Option<u32>,
    },
    /// The git branch that is checked out.
    Branch {
        /// The branch.
        name: String,
    },
    /// A line of a `.env` file.
    DotEnv {
        /// The file.
        path: PathBuf,
        /// The 1-based line, where it is known.
        line: Option<u32>,
        /// The variable.
        variable: String,
    },
    /// An environment variable of the process.
    Environment {
        /// The variable.
        variable: String,
    },
    /// The command line.
    Flag {
        /// The flag, with its dashes.
        name: String,
    },
}

impl Source {
    /// A flag.
    pub fn flag(name: &str) -> Self {
        Self::Flag {
            name: name.to_owned(),
        }
    }
}

impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let place = |f: &mut fmt::Formatter<'_>, path: &PathBuf, line: &Option<u32>| match line {
            Some(line) => write!(f, "{}:{line}", path.display()),
            None => write!(f, "{}", path.display()),
        };
        match self {
            Self::Default => f.write_str("default"),
            Self::File { path, line } => place(f, path, line),
            Self::Branch { name } => write!(f, "git branch {name}"),
            Self::DotEnv { path, line, variable } => {
                place(f, path, line)?;
                write!(f, " ({variable})")
            }
            Self::Environment { variable } => write!(f, "environment ({variable})"),
            Self::Flag { name } => f.write_str(name),
        }
    }
}

/// A value and where it came from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sourced<T> {
    /// The value.
    pub value: T,
    /// Where it came from.
    pub source: Source,
}

impl<T> Sourced<T> {
    /// A value from somewhere.
    pub fn new(value: T, source: Source) -> Self {
        Self { value, source }
    }

    /// dbvc's own default.
    pub fn default_value(value: T) -> Self {
        Self::new(value, Source::Default)
    }

    /// The same from the same place, made into something else.
    pub fn map<U>(self, change: impl FnOnce(T) -> U) -> Sourced<U> {
        Sourced::new(change(self.value), self.source)
    }
}
