//! Versions as people write them in file names.

use std::cmp::Ordering;
use std::fmt;
use std::hash::{Hash, Hasher};
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

mod next;
#[cfg(test)]
mod tests;
mod timestamp;

/// How a project numbers its migrations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum VersionScheme {
    /// `1.1.0`, `1.2.0-rc.1` (semver.org).
    Semantic,
    /// `1`, `7.2`, `1.2.3.4`, `007`: any number of parts, each compared as a number.
    Integer,
    /// `20251127_143000`, `20251127143000`, `20251127_1430`.
    Timestamp,
}

impl VersionScheme {
    /// An example that a message can show.
    pub fn example(self) -> &'static str {
        match self {
            Self::Semantic => "1.2.0",
            Self::Integer => "7",
            Self::Timestamp => "20251127_143000",
        }
    }
}

impl fmt::Display for VersionScheme {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Semantic => "semantic",
            Self::Integer => "integer",
            Self::Timestamp => "timestamp",
        })
    }
}

/// A migration's version: ordered and compared by value, shown as it was written.
///
/// As in Flyway, missing parts are zero: `1`, `1.0` and `1.0.0` are equal, `007` equals `7`. Equality does not look at
/// the scheme, so that a version read back from a database finds its file whatever scheme the project has. Build
/// metadata (`1.0.0+b5`) does not count, as semver.org's rule 10 has it.
#[derive(Debug, Clone)]
pub struct Version {
    scheme: VersionScheme,
    /// Without trailing zeros.
    numbers: Vec<u64>,
    pre: semver::Prerelease,
    text: String,
}

/// A text that is not a version.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{text}` is not a version{}: {reason}", scheme.map(|scheme| format!(" of the {scheme} scheme")).unwrap_or_default())]
pub struct VersionError {
    /// What was written.
    pub text: String,
    /// The scheme it should have followed, if one was asked for.
    pub scheme: Option<VersionScheme>,
    /// What is wrong with it.
    pub reason: String,
}

impl Version {
    /// Reads a version of a known scheme.
    pub fn parse(text: &str, scheme: VersionScheme) -> Result<Self, VersionError> {
        let read = match scheme {
            VersionScheme::Semantic => semantic(text),
            VersionScheme::Integer => integer(text),
            VersionScheme::Timestamp => timestamp::parse(text),
        };
        read.map_err(|reason| VersionError {
            text: text.into(),
            scheme: Some(scheme),
            reason,
        })
    }

    /// Reads a version of whichever scheme it looks like: a possible date and time is a timestamp, three parts or a
    /// pre-release are semantic, everything else of numbers is an integer version.
    pub fn detect(text: &str) -> Result<Self, VersionError> {
        if timestamp::looks_like(text)
            && let Ok(version) = timestamp::parse(text)
        {
            return Ok(version);
        }
        let three_parts = text.split(['.', '-', '+']).count() >= 3 && !text.contains('_');
        if three_parts && let Ok(version) = semantic(text) {
            return Ok(version);
        }
        integer(text).map_err(|reason| VersionError {
            text: text.into(),
            scheme: None,
            reason,
        })
    }

    /// The scheme it was read as.
    pub fn scheme(&self) -> VersionScheme {
        self.scheme
    }

    /// Whether it is a pre-release such as `1.2.0-rc.1`.
    pub fn is_prerelease(&self) -> bool {
        !self.pre.is_empty()
    }

    fn new(scheme: VersionScheme, mut numbers: Vec<u64>, text: String) -> Self {
        while numbers.len() > 1 && numbers.last() == Some(&0) {
            numbers.pop();
        }
        Self {
            scheme,
            numbers,
            pre: semver::Prerelease::EMPTY,
            text,
        }
    }

    fn number(&self, index: usize) -> u64 {
        self.numbers.get(index).copied().unwrap_or(0)
    }

    /// The parts as written; one for `7`, three for `1.1.0`.
    pub(crate) fn parts(&self) -> usize {
        self.release().split('.').count()
    }

    /// The first part, `1` of `1.2.3`.
    pub(crate) fn major(&self) -> u64 {
        self.number(0)
    }

    /// Whether a part begins with a zero that counts for nothing, as in `007`.
    pub(crate) fn is_padded(&self) -> bool {
        self.release()
            .split('.')
            .any(|part| part.len() > 1 && part.starts_with('0'))
    }

    fn release(&self) -> &str {
        self.text.split(['-', '+']).next().unwrap_or_default()
    }
}

fn semantic(text: &str) -> Result<Version, String> {
    let release_end = text.find(['-', '+']).unwrap_or(text.len());
    let (release, rest) = text.split_at(release_end);
    let full = match release.split('.').count() {
        3 => text.to_owned(),
        2 => format!("{release}.0{rest}"),
        1 if release.bytes().all(|b| b.is_ascii_digit()) && !release.is_empty() => {
            return Err(format!("it has one part; write {release}.0.0{rest}"));
        }
        1 => return Err("it is not three numbers with dots, such as 1.2.0".into()),
        count => return Err(format!("it has {count} parts, and a semantic version has three")),
    };
    let parsed = semver::Version::parse(&full).map_err(|error| error.to_string())?;
    let numbers = vec![parsed.major, parsed.minor, parsed.patch];
    Ok(Version {
        pre: parsed.pre,
        ..Version::new(VersionScheme::Semantic, numbers, text.into())
    })
}

fn integer(text: &str) -> Result<Version, String> {
    let mut numbers = Vec::new();
    for part in text.split(['.', '_']) {
        if part.is_empty() {
            return Err("a number is missing".into());
        }
        if let Some(odd) = part.chars().find(|c| !c.is_ascii_digit()) {
            return Err(format!("`{odd}` is not a digit"));
        }
        let number = part
            .parse()
            .map_err(|_| format!("{part} is more than {}", u64::MAX))?;
        numbers.push(number);
    }
    let text = text.replace('_', ".");
    Ok(Version::new(VersionScheme::Integer, numbers, text))
}

impl Ord for Version {
    fn cmp(&self, other: &Self) -> Ordering {
        let parts = self.numbers.len().max(other.numbers.len());
        (0..parts)
            .map(|index| self.number(index).cmp(&other.number(index)))
            .find(|order| order.is_ne())
            .unwrap_or_else(|| self.pre.cmp(&other.pre))
    }
}

impl PartialOrd for Version {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Version {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other).is_eq()
    }
}

impl Eq for Version {}

impl Hash for Version {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.numbers.hash(state);
        self.pre.hash(state);
    }
}

impl fmt::Display for Version {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(&self.text)
    }
}

impl FromStr for Version {
    type Err = VersionError;

    fn from_str(text: &str) -> Result<Self, VersionError> {
        Self::detect(text)
    }
}

impl Serialize for Version {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.text)
    }
}

impl<'de> Deserialize<'de> for Version {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::detect(&text).map_err(serde::de::Error::custom)
    }
}
