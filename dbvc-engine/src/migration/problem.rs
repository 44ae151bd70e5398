//! What is wrong with a directory of migrations.

use std::fmt;
use std::path::PathBuf;

use serde::Serialize;

use crate::text::LineColumn;

/// One thing that is wrong, with the file, and what to do about it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// One of [`codes`].
    pub code: &'static str,
    /// The file or folder, relative to [`super::DirectoryLayout::root`] where it lies below that.
    pub path: PathBuf,
    /// The place in the file.
    pub at: Option<LineColumn>,
    /// What is wrong; lower-case, without full stop.
    pub message: String,
    /// What to do.
    pub help: Option<String>,
}

impl Problem {
    pub(crate) fn new(code: &'static str, path: impl Into<PathBuf>, message: impl Into<String>) -> Self {
        Self {
            code,
            path: path.into(),
            at: None,
            message: message.into(),
            help: None,
        }
    }

    #[must_use]
    pub(crate) fn at(mut self, at: LineColumn) -> Self {
        self.at = Some(at);
        self
    }

    #[must_use]
    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.path.display())?;
        if let Some(at) = self.at {
            write!(f, ":{at}")?;
        }
        write!(f, ": {}", self.message)?;
        if let Some(help) = &self.help {
            write!(f, "; {help}")?;
        }
        Ok(())
    }
}

macro_rules! codes {
    ($($(#[$doc:meta])* $name:ident = $text:literal;)*) => {
        /// The codes that a [`Problem`] can have.
        pub mod codes {
            $($(#[$doc])* pub const $name: &str = $text;)*
            /// All of them.
            pub const ALL: &[&str] = &[$($name),*];
        }
    };
}

codes! {
    /// The migrations folder does not exist.
    DIRECTORY_MISSING = "directory-missing";
    /// A file or folder could not be read.
    UNREADABLE = "unreadable";
    /// A file is not UTF-8, or UTF-16 with a byte order mark.
    ENCODING = "encoding";
    /// A file name has no version.
    NAME_NO_VERSION = "name-no-version";
    /// A file name's version is not one.
    NAME_BAD_VERSION = "name-bad-version";
    /// One underscore, or something else, where two belong.
    NAME_SEPARATOR = "name-separator";
    /// A hyphen in a description.
    NAME_HYPHEN = "name-hyphen";
    /// A space, or another character that does not belong into a description.
    NAME_CHARACTER = "name-character";
    /// A description that says nothing.
    NAME_VAGUE = "name-vague";
    /// A description that does not follow the project's pattern.
    NAME_PATTERN = "name-pattern";
    /// No description.
    NAME_EMPTY = "name-empty";
    /// `v1…` or a bare `1.1.0…` for `V1…`.
    NAME_PREFIX = "name-prefix";
    /// Looks like a migration, but does not end in `.sql`.
    NAME_EXTENSION = "name-extension";
    /// Longer than file systems and databases like.
    NAME_TOO_LONG = "name-too-long";
    /// Something that another tool would run and dbvc does not.
    UNSUPPORTED = "unsupported";
    /// Two files with one version, or one description of a repeatable migration.
    DUPLICATE = "duplicate";
    /// Versions of more than one scheme, or one that is not of the project's.
    MIXED_SCHEMES = "mixed-schemes";
    /// An undo script whose migration does not exist.
    UNDO_WITHOUT_MIGRATION = "undo-without-migration";
    /// A directive that is unknown, or whose value is wrong.
    DIRECTIVE = "directive";
    /// Up and down markers that are missing or out of order.
    SECTIONS = "sections";
    /// `dbvc.sum` cannot be read as one.
    SUM_MALFORMED = "sum-malformed";
    /// `dbvc.sum` holds another checksum for a file.
    SUM_CHANGED = "sum-changed";
    /// `dbvc.sum` names a file that does not exist.
    SUM_MISSING = "sum-missing";
    /// `dbvc.sum` does not name a file that exists.
    SUM_UNLISTED = "sum-unlisted";
    /// The total in the first line of `dbvc.sum` does not fit its other lines.
    SUM_TOTAL = "sum-total";
}
