//! One pass over a script file: sections, checksums and headers, in memory that does not grow with the file.

use std::path::Path;

use super::checksum::{Checksum, ChecksumBuilder};
use super::directives::{self, Complaint, Directives, Header};
use super::formats::MARKERS;
use super::problem::codes;
use crate::text::{LineColumn, Origin, Section, TextError};

mod lines;
#[cfg(test)]
mod tests;

use lines::Lines;

/// More of a line helps nobody, in characters.
const LONGEST_SHOWN: usize = 1000;

/// What one pass over a file found.
#[derive(Debug)]
pub(crate) struct Scan {
    pub(crate) up: Part,
    /// The way down, in a file that holds both.
    pub(crate) down: Option<Part>,
    /// Whether another tool's markers divide the file.
    pub(crate) sectioned: bool,
    pub(crate) complaints: Vec<(&'static str, Complaint)>,
}

/// One script of a file.
#[derive(Debug)]
pub(crate) struct Part {
    pub(crate) section: Section,
    pub(crate) checksum: Checksum,
    pub(crate) bytes: u64,
    pub(crate) directives: Directives,
    /// Whether there is nothing but comments.
    pub(crate) empty: bool,
}

/// Reads a file once.
pub(crate) fn scan(path: &Path) -> Result<Scan, TextError> {
    let mut lines = Lines::open(path)?;
    let mut scanner = Scanner::new();
    while let Some(piece) = lines.next()? {
        if piece.begins_line {
            scanner.line(piece.text, piece.origin);
        }
        scanner.part.feed(piece.text);
    }
    Ok(scanner.finish())
}

/// One line of a file, by its 1-based number; only the beginning of a very long one.
pub(crate) fn line(path: &Path, number: u32) -> Option<String> {
    let mut lines = Lines::open(path).ok()?;
    while let Some(piece) = lines.next().ok()? {
        if piece.begins_line && piece.origin.at.line == number {
            let shown: String = piece
                .text
                .trim_end_matches(['\r', '\n'])
                .chars()
                .take(LONGEST_SHOWN)
                .collect();
            return Some(shown);
        }
    }
    None
}

#[derive(Debug)]
struct Scanner {
    part: OpenPart,
    up: Option<Part>,
    /// What the file's header said before the marker of the way up: it holds for both ways.
    preamble: Option<Directives>,
    no_transaction: bool,
    complaints: Vec<(&'static str, Complaint)>,
}

impl Scanner {
    fn new() -> Self {
        Self {
            part: OpenPart::new(Origin::START, Directives::default()),
            up: None,
            preamble: None,
            no_transaction: false,
            complaints: Vec::new(),
        }
    }

    /// Looks at the beginning of a line before the line is fed.
    fn line(&mut self, line: &str, origin: Origin) {
        let Some(comment) = line.trim_start_matches([' ', '\t']).strip_prefix("--") else {
            return;
        };
        if self.part.header.in_block_comment() {
            return;
        }
        let comment = comment.trim_end();
        let in_header = !self.part.header.is_over();
        if directives::is_goose_no_transaction(comment) {
            self.no_transaction = true;
        } else if directives::is_own(comment) && !in_header {
            self.complain(
                codes::DIRECTIVE,
                origin.at,
                "a directive after the first statement does not count".into(),
                "move it to the top of the script",
            );
        }
        for markers in MARKERS {
            if (markers.is_up)(comment) {
                self.up_marker(markers.up, in_header, origin.at);
            } else if (markers.is_down)(comment) {
                self.down_marker(markers.up, markers.down, origin);
            }
        }
    }

    fn up_marker(&mut self, marker: &str, in_header: bool, at: LineColumn) {
        if self.preamble.is_some() {
            self.complain(
                codes::SECTIONS,
                at,
                format!("`{marker}` stands here a second time"),
                "a file has one way up and one way down, in this order",
            );
        } else if in_header {
            self.preamble = Some(self.part.header.directives.clone());
        } else {
            self.complain(
                codes::SECTIONS,
                at,
                format!("SQL stands before `{marker}`, and would belong to no section"),
                "move the marker above the first statement",
            );
        }
    }

    fn down_marker(&mut self, up: &str, down: &str, origin: Origin) {
        match self.preamble.clone() {
            Some(preamble) if self.up.is_none() => {
                let next = OpenPart::new(origin, preamble);
                let part = std::mem::replace(&mut self.part, next);
                self.up = Some(part.close(Some(origin.offset), &mut self.complaints));
            }
            Some(_) => self.complain(
                codes::SECTIONS,
                origin.at,
                format!("`{down}` stands here a second time"),
                "a file has one way up and one way down, in this order",
            ),
            None => self.complain(
                codes::SECTIONS,
                origin.at,
                format!("`{down}` has no `{up}` before it, so it would be run as part of the migration"),
                "write the other marker above the first statement, or remove this one",
            ),
        }
    }

    fn complain(&mut self, code: &'static str, at: LineColumn, message: String, help: &str) {
        let help = Some(help.to_owned());
        self.complaints.push((code, Complaint { at, message, help }));
    }

    fn finish(mut self) -> Scan {
        let last = self.part.close(None, &mut self.complaints);
        let (mut up, mut down) = match self.up {
            Some(up) => (up, Some(last)),
            None => (last, None),
        };
        for part in std::iter::once(&mut up).chain(&mut down) {
            part.directives.no_transaction |= self.no_transaction;
        }
        Scan {
            up,
            down,
            sectioned: self.preamble.is_some(),
            complaints: self.complaints,
        }
    }
}

#[derive(Debug)]
struct OpenPart {
    start: Origin,
    checksum: ChecksumBuilder,
    bytes: u64,
    header: Header,
}

impl OpenPart {
    fn new(start: Origin, inherited: Directives) -> Self {
        Self {
            start,
            checksum: ChecksumBuilder::new(),
            bytes: 0,
            header: Header::new(start.at, inherited),
        }
    }

    fn feed(&mut self, text: &str) {
        self.checksum.update(text);
        self.bytes += text.len() as u64;
        self.header.feed(text);
    }

    fn close(mut self, end: Option<u64>, complaints: &mut Vec<(&'static str, Complaint)>) -> Part {
        let empty = !self.header.is_over();
        self.header.finish();
        let own = self.header.complaints.into_iter();
        complaints.extend(own.map(|complaint| (codes::DIRECTIVE, complaint)));
        Part {
            section: Section {
                start: self.start,
                end,
            },
            checksum: self.checksum.finish(),
            bytes: self.bytes,
            directives: self.header.directives,
            empty,
        }
    }
}
