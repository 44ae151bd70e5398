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
    #[error("`{command}` is a {client} {}, not SQL", if command.starts_with('$') { "variable" } else { "command" })]
    ClientCommand {
        /// Where it begins.
        origin: Origin,
        /// The command without its arguments, such as `\i`.
        command: String,
        /// The client whose command it is, such as `psql`.
        client: &'static str,
        /// What to do instead.
        advice: String,
    },
    /// A line that looks like the end of a batch and is none.
    #[error("`{written}` does not separate batches")]
    Separator {
        /// Where the line begins.
        origin: Origin,
        /// The line.
        written: String,
        /// What to write instead.
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
            Self::ClientCommand { origin, .. }
            | Self::Separator { origin, .. }
            | Self::AfterCopy { origin }
            | Self::BinaryCopy { origin } => Some(*origin),
        }
    }
}
