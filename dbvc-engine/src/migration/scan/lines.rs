//! The lines of a text, the very long ones in pieces.

use std::path::Path;

use crate::text::{LineColumn, Origin, TextError, TextFile, TextSource};

/// So much of a line is in its first piece, unless the line is shorter.
const HEAD: usize = 4096;

#[derive(Debug)]
pub(super) struct Lines {
    source: TextFile,
    buffer: String,
    read: usize,
    ended: bool,
    begins_line: bool,
    origin: Origin,
}

/// A line with its line end, or a piece of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Piece<'a> {
    pub(super) text: &'a str,
    pub(super) begins_line: bool,
    /// Where the line begins, if it begins here.
    pub(super) origin: Origin,
}

impl Lines {
    pub(super) fn open(path: &Path) -> Result<Self, TextError> {
        Ok(Self {
            source: TextFile::open(path)?,
            buffer: String::new(),
            read: 0,
            ended: false,
            begins_line: true,
            origin: Origin::START,
        })
    }

    pub(super) fn next(&mut self) -> Result<Option<Piece<'_>>, TextError> {
        let (end, whole) = loop {
            let rest = &self.buffer[self.read..];
            match line_end(rest, self.ended) {
                Some(end) => break (end, true),
                None if self.ended => break (rest.len(), false),
                None if rest.len() > HEAD => {
                    // A carriage return at the end may be half of a line end.
                    let end = rest.strip_suffix('\r').unwrap_or(rest).len();
                    break (end, false);
                }
                None => {
                    self.buffer.drain(..self.read);
                    self.read = 0;
                    self.ended = !self.source.read_more(&mut self.buffer)?;
                }
            }
        };
        if end == 0 {
            return Ok(None);
        }
        let piece = Piece {
            text: &self.buffer[self.read..self.read + end],
            begins_line: self.begins_line,
            origin: self.origin,
        };
        self.read += end;
        self.begins_line = whole;
        self.origin.offset += end as u64;
        if whole {
            self.origin.at = LineColumn {
                line: self.origin.at.line + 1,
                column: 1,
            };
        }
        Ok(Some(piece))
    }
}

/// The byte after a line's end; a carriage return at the very end counts only when nothing can follow it.
fn line_end(text: &str, ended: bool) -> Option<usize> {
    let bytes = text.as_bytes();
    let end = bytes.iter().position(|b| matches!(b, b'\n' | b'\r'))?;
    match (bytes[end], bytes.get(end + 1)) {
        (b'\r', Some(b'\n')) => Some(end + 2),
        (b'\r', None) if !ended => None,
        _ => Some(end + 1),
    }
}
