//! Statements read together.

use super::Statement;
use crate::text::{Origin, TextError};

/// Some of a script's statements, in order.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Batch {
    /// The statements.
    pub statements: Vec<Statement>,
    /// The `COPY … FROM STDIN` that comes after them and whose rows follow.
    pub copy: Option<Statement>,
    /// Whether the script ends here. Never set with a COPY: after its rows, the next batch, or that there is none,
    /// tells.
    pub last: bool,
}

/// Why a script could not be read further.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// The file could not be read, or a placeholder has no value.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A line is a command to a terminal client.
    #[error("`{command}` is a psql command, not SQL")]
    ClientCommand {
        /// Where the backslash stands.
        origin: Origin,
        /// The command without its arguments, such as `\i`.
        command: String,
        /// What to do instead.
        advice: String,
    },
    /// More SQL on the line that opens a COPY: psql would run it after the rows, a reader expects it before.
    #[error(
        "another statement stands on the line of COPY … FROM STDIN; put it after the line `\\.` that ends the rows"
    )]
    AfterCopy {
        /// Where the COPY stands.
        origin: Origin,
    },
    /// Rows in the binary format cannot stand in text.
    #[error(
        "COPY … FROM STDIN has the binary format, whose rows no script can hold; use the text or CSV format"
    )]
    BinaryCopy {
        /// Where the COPY stands.
        origin: Origin,
    },
}

impl ScriptError {
    /// Where in the file it is, unless the error itself says so.
    pub fn origin(&self) -> Option<Origin> {
        match self {
            Self::Text(_) => None,
            Self::ClientCommand { origin, .. } | Self::AfterCopy { origin } | Self::BinaryCopy { origin } => {
                Some(*origin)
            }
        }
    }
}
