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
    /// Whether the script ends here.
    pub last: bool,
}

/// Why a script could not be read further.
#[derive(Debug, thiserror::Error)]
pub enum ScriptError {
    /// The file could not be read.
    #[error(transparent)]
    Text(#[from] TextError),
    /// A line is a command to a terminal client.
    #[error("`{command}` is a psql command, not SQL")]
    ClientCommand {
        /// Where it stands.
        origin: Origin,
        /// The command, such as `\i`.
        command: String,
        /// What to do instead.
        advice: String,
    },
}
