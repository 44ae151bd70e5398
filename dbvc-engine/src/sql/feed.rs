//! The window through which a script is read: text with placeholders filled in, and where it came from.

use std::{collections::VecDeque, ops::Range};

use super::Substitution;
use crate::text::{Filled, Filler, Origin, TextError, TextSource};

/// The least that is read at a time.
const CHUNK: usize = 64 * 1024;
/// Text larger than this is moved out of the window instead of being copied.
const LARGE: usize = 1024 * 1024;

#[derive(Debug)]
pub(super) struct Feed<S> {
    source: S,
    filler: Filler,
    buffer: String,
    /// Bytes of `buffer` that are behind the reader.
    consumed: usize,
    /// Offset in the filled text of the first byte ahead.
    here: u64,
    /// Where in the file the first byte ahead stands.
    place: Origin,
    /// Placeholders ahead.
    filled: VecDeque<Filled>,
    finished: bool,
}

impl<S: TextSource> Feed<S> {
    pub(super) fn new(source: S, filler: Filler, place: Origin) -> Self {
        Self {
            source,
            filler,
            buffer: String::new(),
            consumed: 0,
            here: 0,
            place,
            filled: VecDeque::new(),
            finished: false,
        }
    }

    /// The text ahead, as far as it has been read.
    pub(super) fn front(&self) -> &str {
        &self.buffer[self.consumed..]
    }

    #[cfg(test)]
    pub(super) fn source(&self) -> &S {
        &self.source
    }

    /// Whether the text ahead is all there is.
    pub(super) fn is_finished(&self) -> bool {
        self.finished
    }

    /// Reads on. What grows with `unfinished`, the length of a token that has no end yet, is how much is read, so that
    /// the token is looked through a few times and not once per read.
    pub(super) fn more(&mut self, unfinished: usize) -> Result<(), TextError> {
        self.buffer.drain(..self.consumed);
        self.consumed = 0;
        let wanted = self.buffer.len() + unfinished.max(CHUNK);
        while !self.finished && self.buffer.len() < wanted {
            self.finished = !self
                .filler
                .read(&mut self.source, &mut self.buffer, &mut self.filled)?;
        }
        Ok(())
    }

    /// Where in the file the first byte ahead stands; a place inside a placeholder's value is the placeholder's own.
    pub(super) fn place(&self) -> Origin {
        self.place
    }

    /// Steps over `length` bytes.
    pub(super) fn skip(&mut self, length: usize) {
        let text = &self.buffer[self.consumed..self.consumed + length];
        let mut read = 0;
        while let Some(next) = self.filled.front_mut() {
            let at = distance(self.here, next.at);
            if at > length || (at == length && next.length > 0) {
                break;
            }
            self.place = self.place.after(&text[read..at]);
            read = at + next.length;
            if read > length {
                next.at = self.here + length as u64;
                next.length = read - length;
                read = length;
                break;
            }
            self.place = self.place.after(&next.written);
            self.filled.pop_front();
        }
        self.place = self.place.after(&text[read..]);
        self.here += length as u64;
        self.consumed += length;
    }

    /// The placeholders in the next `length` bytes, cut to them.
    pub(super) fn substitutions(&self, length: usize) -> Vec<Substitution> {
        let inside = |filled: &&Filled| distance(self.here, filled.at) < length;
        let cut = |filled: &Filled| {
            let at = distance(self.here, filled.at);
            Substitution {
                at,
                length: filled.length.min(length - at),
                written: filled.written.clone(),
            }
        };
        self.filled.iter().take_while(inside).map(cut).collect()
    }

    /// Steps over `length` bytes and hands out those of `part`.
    pub(super) fn take(&mut self, part: Range<usize>, length: usize) -> String {
        let start = self.consumed;
        self.skip(length);
        if part.len() < LARGE {
            return self.buffer[start + part.start..start + part.end].to_owned();
        }
        let rest = self.buffer.split_off(self.consumed);
        let mut taken = std::mem::replace(&mut self.buffer, rest);
        self.consumed = 0;
        taken.truncate(start + part.end);
        taken.drain(..start + part.start);
        taken
    }
}

fn distance(from: u64, to: u64) -> usize {
    usize::try_from(to - from).unwrap_or(usize::MAX)
}
