//! Finds the comments at the top of a script.

use super::Directives;
use super::parse::{self, Complaint};
use crate::text::LineColumn;

/// A directive is short; a comment may be as long as a file.
const KEPT: usize = 4096;

/// Reads text up to the first SQL token and takes the directives out of its `--` comments.
#[derive(Debug)]
pub(crate) struct Header {
    pub(crate) directives: Directives,
    pub(crate) complaints: Vec<Complaint>,
    state: State,
    at: LineColumn,
    after_return: bool,
}

#[derive(Debug)]
enum State {
    Between,
    Dash,
    Slash,
    Line { text: String, at: LineColumn },
    Block { depth: u32, previous: char },
    Sql,
}

impl Header {
    /// The header of a section inherits what the file's own header said.
    pub(crate) fn new(at: LineColumn, directives: Directives) -> Self {
        Self {
            directives,
            complaints: Vec::new(),
            state: State::Between,
            at,
            after_return: false,
        }
    }

    /// Whether SQL has begun.
    pub(crate) fn is_over(&self) -> bool {
        matches!(self.state, State::Sql)
    }

    /// Whether the next character is inside a comment that began before it.
    pub(crate) fn in_block_comment(&self) -> bool {
        matches!(self.state, State::Block { .. })
    }

    pub(crate) fn feed(&mut self, text: &str) {
        for character in text.chars() {
            if self.is_over() {
                return;
            }
            self.step(character);
            self.advance(character);
        }
    }

    pub(crate) fn finish(&mut self) {
        if let State::Line { text, at } = std::mem::replace(&mut self.state, State::Sql) {
            self.comment(&text, at);
        }
    }

    fn step(&mut self, character: char) {
        let ends_line = matches!(character, '\n' | '\r');
        self.state = match std::mem::replace(&mut self.state, State::Between) {
            State::Between if character.is_whitespace() => State::Between,
            State::Between if character == '-' => State::Dash,
            State::Between if character == '/' => State::Slash,
            State::Dash if character == '-' => State::Line {
                text: String::new(),
                at: LineColumn {
                    column: self.at.column - 1,
                    ..self.at
                },
            },
            State::Slash if character == '*' => State::Block {
                depth: 1,
                previous: ' ',
            },
            State::Line { text, at } if ends_line => {
                self.comment(&text, at);
                State::Between
            }
            State::Line { mut text, at } => {
                if text.len() < KEPT {
                    text.push(character);
                }
                State::Line { text, at }
            }
            State::Block { depth, previous } => block(depth, previous, character),
            State::Between | State::Dash | State::Slash | State::Sql => State::Sql,
        };
    }

    fn comment(&mut self, text: &str, at: LineColumn) {
        parse::apply(text, at, &mut self.directives, &mut self.complaints);
    }

    fn advance(&mut self, character: char) {
        let second_half = character == '\n' && self.after_return;
        self.after_return = character == '\r';
        if second_half {
            return;
        }
        if matches!(character, '\n' | '\r') {
            self.at.line += 1;
            self.at.column = 1;
        } else {
            self.at.column += 1;
        }
    }
}

/// Comments nest, as the standard has it.
fn block(depth: u32, previous: char, character: char) -> State {
    match (previous, character) {
        ('*', '/') if depth == 1 => State::Between,
        ('*', '/') => State::Block {
            depth: depth - 1,
            previous: ' ',
        },
        ('/', '*') => State::Block {
            depth: depth + 1,
            previous: ' ',
        },
        _ => State::Block {
            depth,
            previous: character,
        },
    }
}
