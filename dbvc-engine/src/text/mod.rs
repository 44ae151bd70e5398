//! Text as dbvc reads it: where things stand in a file, and how bytes become characters.

mod decode;
mod placeholder;
mod position;

pub use decode::{Section, TextFile};
pub use placeholder::Placeholders;
pub(crate) use placeholder::{Filled, Filler};
pub use position::{LineColumn, Origin, Span};

use std::path::PathBuf;

/// A script's text, handed over piece by piece so that memory does not grow with the file.
pub trait TextSource: Send {
    /// Appends the next piece of text to `into`; `false` when there was nothing more.
    fn read_more(&mut self, into: &mut String) -> Result<bool, TextError>;
}

impl TextSource for Box<dyn TextSource> {
    fn read_more(&mut self, into: &mut String) -> Result<bool, TextError> {
        self.as_mut().read_more(into)
    }
}

/// A text that is in memory already.
#[derive(Debug, Clone)]
pub struct TextInMemory(Option<String>);

impl TextInMemory {
    /// Hands over `text` once.
    pub fn new(text: impl Into<String>) -> Self {
        Self(Some(text.into()))
    }
}

impl TextSource for TextInMemory {
    fn read_more(&mut self, into: &mut String) -> Result<bool, TextError> {
        let text = self.0.take();
        into.push_str(text.as_deref().unwrap_or_default());
        Ok(text.is_some())
    }
}

/// Why a script could not be read as text.
#[derive(Debug, thiserror::Error)]
pub enum TextError {
    /// The file could not be opened or read.
    #[error("cannot read {}", path.display())]
    Read {
        /// The file.
        path: PathBuf,
        /// What the operating system said.
        source: std::io::Error,
    },
    /// The bytes are neither UTF-8 nor UTF-16 with a byte order mark.
    #[error("{} is not valid {encoding}: byte 0x{byte:02X} at offset {offset} (line {line})", path.display())]
    Encoding {
        /// The file.
        path: PathBuf,
        /// The encoding that the first bytes promised, such as `UTF-8`.
        encoding: &'static str,
        /// The first byte that does not fit.
        byte: u8,
        /// Its 0-based offset in the file.
        offset: u64,
        /// Its 1-based line.
        line: u32,
    },
    /// A placeholder has no value.
    #[error("{}:{at}: no value for placeholder ${{{name}}}", path.display())]
    Placeholder {
        /// The file.
        path: PathBuf,
        /// Where the placeholder stands.
        at: LineColumn,
        /// Its name.
        name: String,
        /// The declared name that looks most like it.
        nearest: Option<String>,
    },
    /// The file changed between planning and reading it again.
    #[error("{} changed while dbvc was running", path.display())]
    Changed {
        /// The file.
        path: PathBuf,
    },
}
