//! `DELIMITER`, a command of the `mysql` client that scripts are full of.

use super::lexer::is_space;

/// What ends a statement in place of `;`; empty while it is `;`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Delimiter(Vec<u8>);

/// What stands at a place.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Found {
    Yes,
    No,
    /// More text is needed to say.
    Unknown,
}

/// A word that may be the command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Command {
    /// The command, with its end and the new delimiter.
    Change(usize, Delimiter),
    /// It is a word like any other.
    No,
    /// More text is needed to say.
    Unknown,
}

const NAME: &[u8] = b"delimiter";

fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
}

impl Delimiter {
    /// Whether a `DELIMITER` is in force.
    pub(super) fn is_set(&self) -> bool {
        !self.0.is_empty()
    }

    pub(super) fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether it stands at `at`. One that is a word must stand alone: `go` does not end `gone`.
    pub(super) fn at(&self, text: &[u8], at: usize, end_of_input: bool) -> Found {
        let rest = &text[at..];
        if rest.len() < self.0.len() {
            return if !end_of_input && self.0.starts_with(rest) {
                Found::Unknown
            } else {
                Found::No
            };
        }
        if !rest.starts_with(&self.0) {
            return Found::No;
        }
        if self.is_word() {
            let behind = rest.get(self.0.len());
            if behind.is_none() && !end_of_input {
                return Found::Unknown;
            }
            let stands_alone =
                !behind.is_some_and(|byte| is_word(*byte)) && (at == 0 || !is_word(text[at - 1]));
            return if stands_alone { Found::Yes } else { Found::No };
        }
        Found::Yes
    }

    /// Where it begins inside the word at `start..end`, as in `END$$`; `Err` when more text is needed to say.
    pub(super) fn inside(
        &self,
        text: &[u8],
        start: usize,
        end: usize,
        end_of_input: bool,
    ) -> Result<Option<usize>, ()> {
        if self.is_word() {
            return Ok(None);
        }
        for at in start + 1..end {
            match self.at(text, at, end_of_input) {
                Found::Yes => return Ok(Some(at)),
                Found::Unknown => return Err(()),
                Found::No => {}
            }
        }
        Ok(None)
    }

    fn is_word(&self) -> bool {
        self.0.first().is_some_and(|byte| is_word(*byte)) && self.0.last().is_some_and(|byte| is_word(*byte))
    }
}

/// Reads the command whose name begins at `at`, where a statement could begin. What follows the new delimiter on the
/// line is left to be read as a statement: nothing of a script is dropped.
pub(super) fn command(text: &[u8], at: usize, end_of_input: bool) -> Command {
    let rest = &text[at..];
    let Some(name) = rest.get(..NAME.len()) else {
        return Command::No;
    };
    if !name.eq_ignore_ascii_case(NAME) || rest.get(NAME.len()).is_some_and(|byte| is_word(*byte)) {
        return Command::No;
    }
    let mut start = NAME.len();
    let mut line_ended = false;
    while let Some(byte) = rest.get(start).filter(|byte| is_space(**byte)) {
        line_ended |= matches!(byte, b'\n' | b'\r');
        start += 1;
    }
    let Some(first) = rest.get(start) else {
        return if end_of_input {
            Command::No
        } else {
            Command::Unknown
        };
    };
    // On a line of its own only what cannot be a statement or a comment is taken for the new delimiter.
    if line_ended && (is_word(*first) || matches!(first, b'#' | b'-' | b'(' | b'\'' | b'"' | b'`')) {
        return Command::No;
    }
    let quote = matches!(first, b'\'' | b'"' | b'`').then_some(*first);
    let value = start + usize::from(quote.is_some());
    let ends = |byte: &u8| quote.map_or_else(|| is_space(*byte), |quote| *byte == quote || *byte == b'\n');
    let length = rest[value..].iter().position(ends);
    if length.is_none() && !end_of_input {
        return Command::Unknown;
    }
    let end = length.map_or(rest.len(), |length| value + length);
    let closed = quote.is_some() && rest.get(end).copied() == quote;
    if end == value {
        return Command::No;
    }
    let delimiter = match &rest[value..end] {
        b";" => Delimiter::default(),
        other => Delimiter(other.to_vec()),
    };
    Command::Change(at + end + usize::from(closed), delimiter)
}
