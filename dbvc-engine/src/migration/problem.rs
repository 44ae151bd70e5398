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
    DIRECTORY_MISSING = "DBVC1001";
    /// A file or folder could not be read.
    UNREADABLE = "DBVC1002";
    /// A file is not UTF-8, or UTF-16 with a byte order mark.
    ENCODING = "DBVC1003";
    /// A file name has no version.
    NAME_NO_VERSION = "DBVC1101";
    /// A file name's version is not one.
    NAME_BAD_VERSION = "DBVC1102";
    /// One underscore, or something else, where two belong.
    NAME_SEPARATOR = "DBVC1103";
    /// A hyphen in a description.
    NAME_HYPHEN = "DBVC1104";
    /// A space, or another character that does not belong into a description.
    NAME_CHARACTER = "DBVC1105";
    /// A description that says nothing.
    NAME_VAGUE = "DBVC1106";
    /// A description that does not follow the project's pattern.
    NAME_PATTERN = "DBVC1107";
    /// No description.
    NAME_EMPTY = "DBVC1108";
    /// `v1…` or a bare `1.1.0…` for `V1…`.
    NAME_PREFIX = "DBVC1109";
    /// Looks like a migration, but does not end in `.sql`.
    NAME_EXTENSION = "DBVC1110";
    /// Longer than file systems and databases like.
    NAME_TOO_LONG = "DBVC1111";
    /// Something that another tool would run and dbvc does not.
    UNSUPPORTED = "DBVC1004";
    /// Two files with one version, or one description of a repeatable migration.
    DUPLICATE = "DBVC1121";
    /// Versions of more than one scheme, or one that is not of the project's.
    MIXED_SCHEMES = "DBVC1122";
    /// An undo script whose migration does not exist.
    UNDO_WITHOUT_MIGRATION = "DBVC1123";
    /// A directive that is unknown, or whose value is wrong.
    DIRECTIVE = "DBVC1131";
    /// Up and down markers that are missing or out of order.
    SECTIONS = "DBVC1132";
    /// `dbvc.sum` cannot be read as one.
    SUM_MALFORMED = "DBVC1141";
    /// `dbvc.sum` holds another checksum for a file.
    SUM_CHANGED = "DBVC1142";
    /// `dbvc.sum` names a file that does not exist.
    SUM_MISSING = "DBVC1143";
    /// `dbvc.sum` does not name a file that exists.
    SUM_UNLISTED = "DBVC1144";
    /// The total in the first line of `dbvc.sum` does not fit its other lines.
    SUM_TOTAL = "DBVC1145";
}
