//! Batches: a script for SQL Server is cut at lines `GO`, as `sqlcmd` and SQL Server Management Studio do it.
//!
//! Their rules (Transact-SQL reference, "GO"; the lexers of both, which are public): `GO` in any case stands first in its
//! line, after spaces, tabs or comments; behind it may stand a count and a `--` comment. In a comment, a string or a
//! quoted name it is text.

use memchr::memmem;

use super::{
    Dialect, TokenKind,
    lexer::{BYTE_ORDER_MARK, Lexed, is_space, lex, line_end},
    segment::{Segment, SegmentKind},
    sqlcmd,
    words::is_closed,
};

/// Cuts a script into batches. Nothing is refused and nothing is lost.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Batches(Place);

/// How far an unfinished batch has been read.
#[derive(Debug, Clone, Copy, Default)]
struct Place {
    /// Where the first comment or token begins.
    begin: Option<usize>,
    /// Whether there is more than comments.
    has_code: bool,
    /// Where the last comment or token ends.
    last: usize,
    at: usize,
    /// Something stands before it on its line.
    in_line: bool,
}

/// What stands at the start of a line.
enum Line {
    /// Nothing of the client's.
    Sql,
    /// `GO`, with how often the batch runs, and where the next line begins.
    Go(u32, usize),
    /// What cannot run here, with its end and where the next line begins.
    Refused(usize, usize),
    /// More text is needed to say.
    Unknown,
}

impl Batches {
    /// See `Splitter::next`.
    pub(super) fn next(&mut self, text: &[u8], dialect: &Dialect, end_of_input: bool) -> Option<Segment> {
        let mut place = self.0;
        while place.at < text.len() {
            let at = place.at;
            if place.begin.is_none() && text[at..].starts_with(BYTE_ORDER_MARK) {
                place.at += BYTE_ORDER_MARK.len();
                continue;
            }
            self.0 = place;
            if !place.in_line {
                match line(text, at, end_of_input) {
                    Line::Sql => {}
                    Line::Go(times, length) => return Some(self.finish(length, times)),
                    Line::Refused(end, length) => return Some(self.refuse(at..end, length)),
                    Line::Unknown => return None,
                }
            }
            let Lexed { kind, end } = lex(text, at, dialect, end_of_input)?;
            let has_line_end = || memchr::memchr2(b'\n', b'\r', &text[at..end]).is_some();
            match kind {
                TokenKind::Space | TokenKind::Comment => {
                    place.in_line &= !has_line_end();
                    // The server refuses a comment without its end (error 113), so it must not pass as nothing.
                    place.has_code |= end == text.len()
                        && text[at..].starts_with(b"/*")
                        && !is_closed(&text[at..], dialect);
                }
                _ => {
                    if kind == TokenKind::Symbol && text[at..] == *b"$(" && !end_of_input {
                        return None;
                    }
                    if let Some(variable) = variable(text, at, Lexed { kind, end }) {
                        return self.refuse_variable(text, at + variable, end_of_input);
                    }
                    place.in_line = true;
                    place.has_code = true;
                }
            }
            if kind != TokenKind::Space {
                place.begin.get_or_insert(at);
                place.last = end;
            }
            place.at = end;
        }
        self.0 = place;
        (end_of_input && !text.is_empty()).then(|| self.finish(text.len(), 1))
    }

    /// Whether the first token of the unfinished batch has been read.
    pub(super) fn has_begun(&self) -> bool {
        self.0.has_code
    }

    /// How many bytes of the unfinished batch are behind it for good.
    pub(super) fn settled(&self) -> usize {
        self.0.at
    }

    /// The batch that has been read, with what ends it.
    fn finish(&mut self, length: usize, times: u32) -> Segment {
        let place = std::mem::take(&mut self.0);
        let (kind, code) = match place.begin {
            Some(begin) if place.has_code => (SegmentKind::Statement, begin..place.last),
            _ => (SegmentKind::Trivia, place.at..place.at),
        };
        Segment {
            kind,
            length,
            code,
            times: if kind == SegmentKind::Statement { times } else { 1 },
        }
    }

    fn refuse(&mut self, code: std::ops::Range<usize>, length: usize) -> Segment {
        self.0 = Place::default();
        Segment {
            kind: SegmentKind::ClientCommand,
            length,
            code,
            times: 1,
        }
    }

    fn refuse_variable(&mut self, text: &[u8], at: usize, end_of_input: bool) -> Option<Segment> {
        let (end, next) = rest_of_line(text, at, end_of_input)?;
        Some(self.refuse(at..end, next))
    }
}

/// The end of the line at `at`, without blanks, and where the next begins.
fn rest_of_line(text: &[u8], at: usize, end_of_input: bool) -> Option<(usize, usize)> {
    let (line, next) = match line_end(text, at, end_of_input) {
        Some(found) => found,
        None if end_of_input => (text.len(), text.len()),
        None => return None,
    };
    let blank = text[at..line].iter().rev().take_while(|byte| is_space(**byte));
    Some((line - blank.count(), next))
}

/// What stands at `at`, first in its line.
fn line(text: &[u8], at: usize, end_of_input: bool) -> Line {
    let rest = &text[at..];
    let is_go = match rest[0] {
        b'g' | b'G' => match rest.get(1) {
            None if end_of_input => return Line::Sql,
            None => return Line::Unknown,
            Some(b'o' | b'O') => match rest.get(2) {
                None if end_of_input => true,
                None => return Line::Unknown,
                Some(behind) => ends_word(*behind),
            },
            Some(_) => false,
        },
        b':' | b'!' => false,
        _ => return Line::Sql,
    };
    if !is_go {
        match sqlcmd::is_command(rest, end_of_input) {
            Some(true) => {}
            Some(false) => return Line::Sql,
            None => return Line::Unknown,
        }
    }
    let Some((end, next)) = rest_of_line(text, at, end_of_input) else {
        return Line::Unknown;
    };
    match count(&text[(at + 2).min(end)..end]) {
        Some(times) if is_go => Line::Go(times, next),
        _ => Line::Refused(end, next),
    }
}

/// What may stand right behind the word, so that it is one. A `;` is none of it in those clients, which send `GO;` to the
/// server as a part of the batch; here it is told.
pub(super) fn ends_word(byte: u8) -> bool {
    matches!(
        byte,
        b' ' | b'\t' | b'\n' | b'\r' | b'$' | b'/' | b'-' | b'\'' | b'"' | b'(' | b'[' | b'!' | b';'
    )
}

/// How often the batch runs, by what stands behind `GO`: once where there is nothing or a comment.
fn count(behind: &[u8]) -> Option<u32> {
    let text = std::str::from_utf8(behind).ok()?;
    let number = text.split_once("--").map_or(text, |(number, _)| number);
    let number = number.trim_matches([' ', '\t']);
    if number.is_empty() {
        return Some(1);
    }
    let is_plain = number.bytes().all(|byte| byte.is_ascii_digit());
    let count: i32 = is_plain.then(|| number.parse().ok())??;
    u32::try_from(count).ok().filter(|count| *count > 0)
}

/// Where in the token a variable of `sqlcmd` begins, `$(name)`. In a string it is text, as it is without that client.
fn variable(text: &[u8], at: usize, token: Lexed) -> Option<usize> {
    let token_text = match token.kind {
        TokenKind::Symbol if text[at] == b'$' => &text[at..],
        TokenKind::QuotedName => &text[at..token.end],
        _ => return None,
    };
    let found = match token.kind {
        TokenKind::Symbol => token_text.starts_with(b"$(").then_some(0)?,
        _ => memmem::find(token_text, b"$(")?,
    };
    let is_name = token_text
        .get(found + 2)
        .is_some_and(|byte| byte.is_ascii_alphabetic() || *byte == b'_');
    is_name.then_some(found)
}
