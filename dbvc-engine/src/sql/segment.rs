//! The parts of a script.

use std::ops::Range;

/// What a part of a script is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum SegmentKind {
    /// A statement.
    Statement,
    /// A `COPY … FROM STDIN` statement with the rest of its line; its rows follow.
    CopyStart,
    /// Rows of a COPY: whole lines, unless one line alone is larger than 64 KiB.
    CopyRows,
    /// The line `\.` that ends the rows; empty when the script ends first.
    CopyEnd,
    /// A line for the terminal client, such as `\connect`. If a statement without its end stood before the backslash,
    /// it is part of the segment. Between batches: what only `sqlcmd` understands, from there to the line's end.
    ClientCommand,
    /// `DELIMITER x`, which only says where the following statements end.
    Delimiter,
    /// White space, comments and empty statements.
    Trivia,
}

/// The part at the front of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Segment {
    /// What it is.
    pub kind: SegmentKind,
    /// Its length in bytes, with everything that belongs to it: comments before it, its terminator.
    pub length: usize,
    /// Its first token to its last, without the terminator; bytes from the segment's start. A batch keeps the comments
    /// at its ends, which the server stores with a module's text.
    pub code: Range<usize>,
    /// How often a statement runs: `GO 5`.
    pub times: u32,
}

/// A segment and where it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlacedSegment {
    /// The byte of the script at which the segment begins.
    pub start: usize,
    /// The segment.
    pub segment: Segment,
}

impl PlacedSegment {
    /// The whole segment's text.
    pub fn text<'a>(&self, script: &'a str) -> &'a str {
        &script[self.start..self.start + self.segment.length]
    }

    /// Its text from the first token to the last.
    pub fn code<'a>(&self, script: &'a str) -> &'a str {
        &self.text(script)[self.segment.code.clone()]
    }
}
