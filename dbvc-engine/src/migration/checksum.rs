//! Checksums that do not see line ends, byte order marks or trailing white space.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use sha2::{Digest, Sha256};

#[cfg(test)]
mod tests;

const CURRENT: &str = "v1";

/// A script's checksum, with the name of the way it was computed.
///
/// `v1` is SHA-256 over the text in UTF-8 after these steps: a byte order mark is dropped; `\r\n` and `\r` become
/// `\n`; spaces, tabs, vertical tabs and form feeds at the end of a line are dropped; so are line ends at the end.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Checksum(Digested);

#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Digested {
    /// `v1`.
    Current([u8; 32]),
    /// Written by another version of dbvc; kept as it is.
    Other(Box<(String, String)>),
}

/// What two checksums say of two texts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ChecksumMatch {
    /// The texts are the same.
    Same,
    /// The texts differ.
    Different,
    /// The checksums were computed in different ways, or in one that this version of dbvc does not know.
    CannotCompare,
}

/// A text that is not a checksum.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a checksum such as v1:0123…")]
pub struct ChecksumError {
    text: String,
}

impl Checksum {
    /// The checksum of a text at hand.
    pub fn of(text: &str) -> Self {
        let mut builder = ChecksumBuilder::new();
        builder.update(text);
        builder.finish()
    }

    /// Compares, without ever taking two unlike algorithms for a changed text.
    pub fn compare(&self, other: &Self) -> ChecksumMatch {
        match (&self.0, &other.0) {
            (Digested::Current(a), Digested::Current(b)) if a == b => ChecksumMatch::Same,
            (Digested::Current(_), Digested::Current(_)) => ChecksumMatch::Different,
            _ => ChecksumMatch::CannotCompare,
        }
    }

    /// The algorithm's tag, such as `v1`.
    pub fn algorithm(&self) -> &str {
        match &self.0 {
            Digested::Current(_) => CURRENT,
            Digested::Other(parts) => &parts.0,
        }
    }

    /// The first twelve hexadecimal digits, for people.
    pub fn short(&self) -> String {
        match &self.0 {
            Digested::Current(digest) => hex::encode(&digest[..6]),
            Digested::Other(parts) => parts.1.chars().take(12).collect(),
        }
    }
}

impl fmt::Display for Checksum {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Digested::Current(digest) => write!(f, "{CURRENT}:{}", hex::encode(digest)),
            Digested::Other(parts) => write!(f, "{}:{}", parts.0, parts.1),
        }
    }
}

impl FromStr for Checksum {
    type Err = ChecksumError;

    /// Reads `tag:digest`. A tag that is not known is kept: a newer dbvc may have written it.
    fn from_str(text: &str) -> Result<Self, ChecksumError> {
        let bad = || ChecksumError { text: text.into() };
        let (algorithm, digest) = text.split_once(':').ok_or_else(bad)?;
        if algorithm == CURRENT {
            let mut bytes = [0; 32];
            hex::decode_to_slice(digest, &mut bytes).map_err(|_| bad())?;
            return Ok(Self(Digested::Current(bytes)));
        }
        let word = |part: &str| {
            !part.is_empty()
                && part
                    .bytes()
                    .all(|b| b.is_ascii_alphanumeric() || b"-_+/=".contains(&b))
        };
        if !word(algorithm) || !word(digest) {
            return Err(bad());
        }
        Ok(Self(Digested::Other(Box::new((
            algorithm.to_owned(),
            digest.to_owned(),
        )))))
    }
}

impl Serialize for Checksum {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Checksum {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

/// Computes a [`Checksum`] of a text that comes in pieces; memory does not grow with the text.
#[derive(Debug, Clone, Default)]
pub struct ChecksumBuilder {
    hasher: Sha256,
    /// The hasher as it will be if text follows the line ends and white space read last.
    with_blanks: Option<Sha256>,
    /// Line ends that count only if text follows.
    line_ends: u64,
    after_return: bool,
    begun: bool,
}

impl ChecksumBuilder {
    /// Nothing read yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Reads the next piece; where the text is cut into pieces makes no difference.
    pub fn update(&mut self, text: &str) {
        let mut rest = text;
        if !self.begun && !rest.is_empty() {
            self.begun = true;
            rest = rest.strip_prefix('\u{feff}').unwrap_or(rest);
        }
        while !rest.is_empty() {
            let end = rest.bytes().position(|b| b == b'\n' || b == b'\r');
            let (line, after) = rest.split_at(end.unwrap_or(rest.len()));
            self.line_piece(line, end.is_some());
            rest = match after.as_bytes().first() {
                None => return,
                Some(&ending) => {
                    self.line_end(ending);
                    &after[1..]
                }
            };
        }
    }

    /// The checksum of everything read.
    pub fn finish(self) -> Checksum {
        Checksum(Digested::Current(self.hasher.finalize().into()))
    }

    fn line_piece(&mut self, piece: &str, line_ends_here: bool) {
        if piece.is_empty() {
            return;
        }
        self.after_return = false;
        let body = piece.trim_end_matches([' ', '\t', '\u{b}', '\u{c}']);
        if !body.is_empty() {
            self.settle();
            self.hasher.update(body);
        }
        // Only the piece that comes next can tell whether this white space is at the end of its line.
        if !line_ends_here && body.len() < piece.len() {
            let mut with_blanks = self.with_blanks.take().unwrap_or_else(|| {
                let mut fork = self.hasher.clone();
                feed_line_ends(&mut fork, self.line_ends);
                fork
            });
            with_blanks.update(&piece[body.len()..]);
            self.with_blanks = Some(with_blanks);
        }
    }

    fn line_end(&mut self, ending: u8) {
        let second_half = ending == b'\n' && self.after_return;
        self.line_ends += u64::from(!second_half);
        self.after_return = ending == b'\r';
        self.with_blanks = None;
    }

    fn settle(&mut self) {
        match self.with_blanks.take() {
            Some(hasher) => self.hasher = hasher,
            None => feed_line_ends(&mut self.hasher, self.line_ends),
        }
        self.line_ends = 0;
    }
}

fn feed_line_ends(hasher: &mut Sha256, mut count: u64) {
    const MANY: [u8; 64] = [b'\n'; 64];
    while count > 0 {
        let now = count.min(64);
        hasher.update(&MANY[..usize::try_from(now).unwrap_or(64)]);
        count -= now;
    }
}
