//! `COPY … FROM STDIN` and the rows that follow it in a script, as psql and `pg_dump` have them.

use memchr::memmem;

use super::{
    Dialect, TokenKind,
    segment::{Segment, SegmentKind},
    tokens,
};

/// Rows are handed out in pieces of this many bytes.
const PIECE: usize = 64 * 1024;

/// Recognises `COPY name [(columns)] FROM STDIN` from its tokens outside parentheses.
///
/// `FROM STDOUT` means the same to the server (its grammar takes either word on either side).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum CopyHead {
    /// Nothing read yet.
    #[default]
    Start,
    /// `COPY`.
    Copy,
    /// `COPY` and the table's name, or part of it.
    Name,
    /// `COPY name FROM`.
    From,
    /// Rows follow the statement.
    Data,
    /// Not a statement that rows follow.
    No,
}

impl CopyHead {
    pub(super) fn word(&mut self, word: &[u8]) {
        let is = |keyword: &str| word.eq_ignore_ascii_case(keyword.as_bytes());
        *self = match *self {
            Self::Start if is("copy") => Self::Copy,
            Self::Copy if is("binary") => Self::Copy,
            Self::Name if is("from") => Self::From,
            Self::Name if is("to") => Self::No,
            Self::Copy | Self::Name => Self::Name,
            Self::From if is("stdin") || is("stdout") => Self::Data,
            Self::Data => Self::Data,
            Self::Start | Self::From | Self::No => Self::No,
        };
    }

    pub(super) fn open(&mut self) {
        if *self == Self::Copy {
            *self = Self::No;
        }
    }

    pub(super) fn other(&mut self) {
        *self = match *self {
            Self::Start | Self::From => Self::No,
            Self::Copy => Self::Name,
            head => head,
        };
    }

    pub(super) fn has_data(self) -> bool {
        self == Self::Data
    }
}

/// Where in the rows of a COPY the splitter stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Rows {
    /// A lone carriage return ends a line, because it ended the statement's.
    carriage_returns: bool,
    /// The next byte begins a line.
    line_start: bool,
}

impl Rows {
    /// Rows after a statement whose line ended as `line_end` says.
    pub(super) fn after(line_end: &[u8]) -> Self {
        Self {
            carriage_returns: line_end == b"\r",
            line_start: true,
        }
    }

    /// The next rows or their end. The cuts depend on the text alone, never on how it arrives.
    pub(super) fn next(&mut self, text: &[u8], end_of_input: bool) -> Option<Segment> {
        let end = |length| {
            Some(Segment {
                kind: SegmentKind::CopyEnd,
                length,
                code: 0..length.min(2),
                times: 1,
            })
        };
        if text.is_empty() {
            return if end_of_input { end(0) } else { None };
        }
        if self.line_start {
            match self.terminator(text, end_of_input) {
                Terminator::Length(length) => return end(length),
                Terminator::Unknown => return None,
                Terminator::No => {}
            }
        }
        let window = &text[..text.len().min(PIECE)];
        let mut length = None;
        for found in memmem::find_iter(window, b"\\.") {
            if found > 0 && self.ends_line(text[found - 1]) {
                match self.terminator(&text[found..], end_of_input) {
                    Terminator::Length(_) => length = Some(found),
                    Terminator::Unknown => return None,
                    Terminator::No => continue,
                }
                break;
            }
        }
        if length.is_none() && text.len() < PIECE && !end_of_input {
            return None;
        }
        let length = length.unwrap_or_else(|| self.whole_lines(text));
        self.line_start = self.ends_line(text[length - 1]);
        Some(Segment {
            kind: SegmentKind::CopyRows,
            length,
            code: 0..length,
            times: 1,
        })
    }

    fn ends_line(self, byte: u8) -> bool {
        byte == b'\n' || (self.carriage_returns && byte == b'\r')
    }

    /// The length of the lines that the first bytes of `text` hold in full, or of those bytes where one line is larger.
    fn whole_lines(self, text: &[u8]) -> usize {
        if text.len() < PIECE {
            return text.len();
        }
        if let Some(last) = text[..PIECE].iter().rposition(|&byte| self.ends_line(byte)) {
            return last + 1;
        }
        let inside_character = |at: usize| text.get(at).is_some_and(|byte| byte & 0xC0 == 0x80);
        let mut length = PIECE;
        // `\r\n` counts as one line end, and so it stays together.
        while length > 1 && (inside_character(length) || text[length - 1] == b'\r') {
            length -= 1;
        }
        length
    }

    /// Whether `text`, at the start of a line, is the line `\.`.
    fn terminator(self, text: &[u8], end_of_input: bool) -> Terminator {
        match text {
            [b'\\', b'.', b'\n', ..] => Terminator::Length(3),
            [b'\\', b'.', b'\r', b'\n', ..] => Terminator::Length(4),
            [b'\\', b'.', b'\r', _, ..] if self.carriage_returns => Terminator::Length(3),
            [b'\\', b'.'] | [b'\\', b'.', b'\r'] if end_of_input => Terminator::Length(text.len()),
            [b'\\'] | [b'\\', b'.'] | [b'\\', b'.', b'\r'] if !end_of_input => Terminator::Unknown,
            _ => Terminator::No,
        }
    }
}

enum Terminator {
    Length(usize),
    No,
    Unknown,
}

/// Whether a `COPY` statement asks for the binary format, whose rows cannot stand in a script.
///
/// Both spellings count: `COPY BINARY t …` or `… BINARY` of old, and the option `FORMAT binary`.
pub fn is_binary_copy(sql: &str, dialect: &Dialect) -> bool {
    let mut words = 0_usize;
    let mut depth = 0_usize;
    let mut after_format = false;
    let mut after_source = false;
    for token in tokens(sql, dialect) {
        let is = |keyword: &str| token.text.trim_matches(['\'', '"']).eq_ignore_ascii_case(keyword);
        match token.kind {
            TokenKind::Comment => continue,
            TokenKind::Symbol if token.text == "(" => depth += 1,
            TokenKind::Symbol if token.text == ")" => depth = depth.saturating_sub(1),
            _ => {}
        }
        if token.kind == TokenKind::Word {
            words += 1;
            after_source |= depth == 0 && (is("stdin") || is("stdout"));
        }
        let option = after_source && (after_format || (depth == 0 && token.kind == TokenKind::Word));
        if is("binary")
            && ((words == 2 && token.kind == TokenKind::Word && depth == 0 && !after_source) || option)
        {
            return true;
        }
        after_format = depth == 1 && is("format");
    }
    false
}
