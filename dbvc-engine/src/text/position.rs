//! Places in a script.

use std::fmt;

use serde::{Deserialize, Serialize};

/// A half-open range of bytes in a script's decoded text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Span {
    /// The first byte.
    pub start: u64,
    /// The byte after the last.
    pub end: u64,
}

/// A line and a column as editors count them: both from 1, columns in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct LineColumn {
    /// 1-based line.
    pub line: u32,
    /// 1-based column in characters.
    pub column: u32,
}

impl LineColumn {
    /// The first character of a text.
    pub const START: Self = Self { line: 1, column: 1 };

    /// The place reached after reading `text` from here. `\r\n`, `\n` and a lone `\r` each end a line.
    #[must_use]
    pub fn after(mut self, text: &str) -> Self {
        let bytes = text.as_bytes();
        let mut line = 0;
        for end in memchr::memchr2_iter(b'\n', b'\r', bytes) {
            if bytes[end] == b'\r' && bytes.get(end + 1) == Some(&b'\n') {
                continue;
            }
            line = end + 1;
            self.line = self.line.saturating_add(1);
            self.column = 1;
        }
        let characters = u32::try_from(text[line..].chars().count()).unwrap_or(u32::MAX);
        self.column = self.column.saturating_add(characters);
        self
    }
}

impl fmt::Display for LineColumn {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.line, self.column)
    }
}

/// Where a piece of a script begins in its file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Origin {
    /// Byte offset in the decoded file, before placeholders were filled in.
    pub offset: u64,
    /// The same place as line and column.
    pub at: LineColumn,
}

impl Origin {
    /// The beginning of a file.
    pub const START: Self = Self {
        offset: 0,
        at: LineColumn::START,
    };

    /// The place reached after reading `text` from here.
    #[must_use]
    pub fn after(self, text: &str) -> Self {
        Self {
            offset: self.offset + text.len() as u64,
            at: self.at.after(text),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_of_line_end_counts_once() {
        let at = LineColumn::START.after("a\r\nb\rc\nd");
        assert_eq!(at, LineColumn { line: 4, column: 2 });
    }

    #[test]
    fn columns_are_characters() {
        assert_eq!(LineColumn::START.after("äö€").column, 4);
    }
}
