//! Where statements end: a cursor over a script that may still be arriving.

use super::{
    Dialect, TokenKind,
    copy::Rows,
    delimiter::{self, Command, Delimiter, Found},
    go::Batches,
    lexer::{BYTE_ORDER_MARK, Lexed, is_space, lex, line_end},
    mode,
    segment::{PlacedSegment, Segment, SegmentKind},
    track::Tracker,
};

/// Cuts a script into segments, from front to back, with memory for one unfinished statement's state only.
///
/// Nothing is refused and nothing is lost: the segments joined are the script.
#[derive(Debug, Clone)]
pub struct Splitter {
    dialect: Dialect,
    /// The dialect at the script's start, to which a `SET sql_mode` may go back.
    initial: Dialect,
    /// What a `DELIMITER` put in the place of `;`.
    delimiter: Delimiter,
    /// The rows of a COPY are being read.
    rows: Option<Rows>,
    /// A statement that needed more text, and where in it to go on.
    unfinished: (Tracker, usize),
    /// Where in a batch the reading stands.
    batches: Batches,
}

impl Splitter {
    /// A splitter at the start of a script.
    pub fn new(dialect: &Dialect) -> Self {
        Self {
            dialect: *dialect,
            initial: *dialect,
            delimiter: Delimiter::default(),
            rows: None,
            unfinished: (Tracker::default(), 0),
            batches: Batches::default(),
        }
    }

    /// The segment at the front of `text`, or `None` when more text is needed to know where it ends.
    ///
    /// After a segment, call again with the text behind it. After `None`, call again with the same text and more
    /// behind it: what was read is not read again. With `end_of_input`, `None` means that nothing is left; as long as
    /// rows of a COPY are expected, that is so only after an empty [`SegmentKind::CopyEnd`].
    pub fn next(&mut self, text: &str, end_of_input: bool) -> Option<Segment> {
        if self.dialect.go_batches {
            return self.batches.next(text.as_bytes(), &self.dialect, end_of_input);
        }
        if let Some(rows) = &mut self.rows {
            let segment = rows.next(text.as_bytes(), end_of_input)?;
            if segment.kind == SegmentKind::CopyEnd {
                self.rows = None;
            }
            return Some(segment);
        }
        let segment = self.statement(text.as_bytes(), end_of_input)?;
        self.unfinished = (Tracker::default(), 0);
        if self.dialect.sql_mode && segment.kind == SegmentKind::Statement {
            let changed = mode::after(&text[segment.code.clone()], &self.dialect, &self.initial);
            self.dialect = changed.unwrap_or(self.dialect);
        }
        Some(segment)
    }

    /// Whether the first token of the unfinished segment's statement has been read.
    pub(super) fn has_begun(&self) -> bool {
        self.unfinished.0.first.is_some() || self.batches.has_begun()
    }

    /// How many bytes of the unfinished segment are behind it for good; the rest is one unfinished token.
    pub(super) fn settled(&self) -> usize {
        self.unfinished.1.max(self.batches.settled())
    }

    /// Whether the next segment is rows of a COPY, or their end.
    pub(super) fn is_in_rows(&self) -> bool {
        self.rows.is_some()
    }

    fn statement(&mut self, text: &[u8], end_of_input: bool) -> Option<Segment> {
        let (mut tracker, mut at) = self.unfinished;
        while at < text.len() {
            if tracker.first.is_none() && text[at..].starts_with(BYTE_ORDER_MARK) {
                at += BYTE_ORDER_MARK.len();
                continue;
            }
            self.unfinished = (tracker, at);
            match self.delimiter_at(&tracker, text, at, end_of_input) {
                Found::Yes => return Some(finish(tracker, at, at + self.delimiter.len())),
                Found::Unknown => return None,
                Found::No => {}
            }
            let Lexed { kind, end } = self.token(&tracker, text, at, end_of_input)?;
            match kind {
                TokenKind::Space | TokenKind::Comment => {
                    at = end;
                    continue;
                }
                TokenKind::Symbol if text[at] == b';' && self.is_end(&tracker) => {
                    return self.at_semicolon(tracker, text, at, end_of_input);
                }
                // Before the delimiter a `;` more is no part of the statement.
                TokenKind::Symbol if text[at] == b';' && self.delimiter.is_set() => {
                    tracker.symbol(b';', &self.dialect);
                    at = end;
                    continue;
                }
                TokenKind::Symbol if text[at] == b'\\' && self.dialect.client_commands => {
                    return client_command(tracker, text, at, end_of_input);
                }
                TokenKind::Symbol => tracker.symbol(text[at], &self.dialect),
                TokenKind::CodeMark => tracker.in_code = text[at] == b'/',
                TokenKind::Word if self.dialect.delimiter_command && tracker.first.is_none() => {
                    match delimiter::command(text, at, end_of_input) {
                        Command::Change(length, delimiter) => {
                            self.delimiter = delimiter;
                            return Some(Segment {
                                kind: SegmentKind::Delimiter,
                                length,
                                code: at..length,
                                times: 1,
                            });
                        }
                        Command::Unknown => return None,
                        Command::No => tracker.word(&text[at..end], &self.dialect),
                    }
                }
                TokenKind::Word => tracker.word(&text[at..end], &self.dialect),
                _ => tracker.other(&self.dialect),
            }
            tracker.span(at, end);
            at = end;
        }
        self.unfinished = (tracker, at);
        (end_of_input && !text.is_empty()).then(|| self.at_the_end(tracker, text.len()))
    }

    /// Whether a `;` ends the statement. It does so before a chosen delimiter too, where a server that is given several
    /// statements at once ends one, as far as that can be told.
    fn is_end(&self, tracker: &Tracker) -> bool {
        tracker.ends_at_semicolon(&self.dialect) && !(self.delimiter.is_set() && tracker.ends_at_delimiter())
    }

    fn delimiter_at(&self, tracker: &Tracker, text: &[u8], at: usize, end_of_input: bool) -> Found {
        if !self.delimiter.is_set() || tracker.in_code {
            return Found::No;
        }
        self.delimiter.at(text, at, end_of_input)
    }

    /// The token at `at`, as it is read in this place of a statement.
    fn token(&self, tracker: &Tracker, text: &[u8], at: usize, end_of_input: bool) -> Option<Lexed> {
        if self.dialect.dash_comment_needs_space && tracker.first.is_none() && text[at] == b'-' {
            // No statement begins with dashes, and the `mysql` client takes such a line for a comment.
            let dialect = Dialect {
                dash_comment_needs_space: false,
                ..self.dialect
            };
            return lex(text, at, &dialect, end_of_input);
        }
        let lexed = lex(text, at, &self.dialect, end_of_input)?;
        if tracker.in_code && text[at..].starts_with(b"*/") {
            return Some(Lexed {
                kind: TokenKind::CodeMark,
                end: at + 2,
            });
        }
        let may_hold = matches!(lexed.kind, TokenKind::Word | TokenKind::Number);
        if may_hold && self.delimiter.is_set() && !tracker.in_code {
            let cut = self.delimiter.inside(text, at, lexed.end, end_of_input).ok()?;
            return Some(Lexed {
                end: cut.unwrap_or(lexed.end),
                ..lexed
            });
        }
        Some(lexed)
    }

    fn at_semicolon(
        &mut self,
        tracker: Tracker,
        text: &[u8],
        at: usize,
        end_of_input: bool,
    ) -> Option<Segment> {
        if tracker.copy.has_data() {
            let (line, next) = match line_end(text, at, end_of_input) {
                Some(found) => found,
                None if end_of_input => (text.len(), text.len()),
                None => return None,
            };
            self.rows = Some(Rows::after(&text[line..next]));
            let last = last_token(&text[..line], at + 1, &self.dialect).unwrap_or(tracker.last);
            let code = tracker.first.unwrap_or(last)..last;
            return Some(Segment {
                kind: SegmentKind::CopyStart,
                length: next,
                code,
                times: 1,
            });
        }
        Some(finish(tracker, at, at + 1))
    }

    fn at_the_end(&mut self, tracker: Tracker, length: usize) -> Segment {
        let segment = finish(tracker, length, length);
        if tracker.copy.has_data() {
            self.rows = Some(Rows::after(b"\n"));
            return Segment {
                kind: SegmentKind::CopyStart,
                ..segment
            };
        }
        segment
    }
}

fn finish(tracker: Tracker, end: usize, length: usize) -> Segment {
    let (kind, code) = match tracker.first {
        Some(first) => (SegmentKind::Statement, first..tracker.last),
        None => (SegmentKind::Trivia, end..end),
    };
    Segment {
        kind,
        length,
        code,
        times: 1,
    }
}

/// psql gives the rest of the line to the command.
fn client_command(tracker: Tracker, text: &[u8], at: usize, end_of_input: bool) -> Option<Segment> {
    let (line, next) = match line_end(text, at, end_of_input) {
        Some(found) => found,
        None if end_of_input => (text.len(), text.len()),
        None => return None,
    };
    let blank = text[at..line]
        .iter()
        .rev()
        .take_while(|byte| is_space(**byte))
        .count();
    let code = tracker.first.unwrap_or(at)..line - blank;
    Some(Segment {
        kind: SegmentKind::ClientCommand,
        length: next,
        code,
        times: 1,
    })
}

/// The end of the last token of `text[from..]` that is neither white space nor a comment.
fn last_token(text: &[u8], mut from: usize, dialect: &Dialect) -> Option<usize> {
    let mut last = None;
    while from < text.len() {
        let Lexed { kind, end } = lex(text, from, dialect, true)?;
        if !matches!(kind, TokenKind::Space | TokenKind::Comment) {
            last = Some(end);
        }
        from = end;
    }
    last
}

/// All segments of a script that is at hand as a whole.
pub fn split(script: &str, dialect: &Dialect) -> Vec<PlacedSegment> {
    let mut splitter = Splitter::new(dialect);
    let mut segments = Vec::new();
    let mut start = 0;
    while let Some(segment) = splitter.next(&script[start..], true) {
        let length = segment.length;
        segments.push(PlacedSegment { start, segment });
        start += length;
    }
    segments
}
