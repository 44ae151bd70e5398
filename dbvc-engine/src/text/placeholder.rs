//! Placeholders, `${name}`, filled in while a script is read.

use std::{
    collections::{BTreeMap, VecDeque},
    fmt,
    path::PathBuf,
};

use memchr::memchr;

use super::{Origin, TextError, TextSource};

/// The values of a project's placeholders.
///
/// When no value is declared, or a script switches placeholders off, text passes as it is: `${x}` is legitimate in
/// data. Once a value is declared, a `${name}` without one is an error. There is no escape, so that no other text ever
/// changes; `$$` and `$tag$` are read as one, so `$${x}` is a dollar quote and `{x}`, and `$$${x}` fills in `x`.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Placeholders {
    /// The values by name. A name begins with a letter or `_` and goes on with letters, digits and `_ . : -`.
    pub values: BTreeMap<String, String>,
    /// Whether they are filled in.
    pub enabled: bool,
}

/// Values may be secret; names are not.
impl fmt::Debug for Placeholders {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Placeholders")
            .field("names", &self.values.keys())
            .field("enabled", &self.enabled)
            .finish()
    }
}

impl Placeholders {
    /// No values: text passes as it is.
    pub const NONE: Self = Self {
        values: BTreeMap::new(),
        enabled: false,
    };

    /// These values, switched on.
    pub fn new(values: BTreeMap<String, String>) -> Self {
        Self {
            values,
            enabled: true,
        }
    }

    /// Whether text can change at all.
    pub fn is_active(&self) -> bool {
        self.enabled && !self.values.is_empty()
    }

    fn nearest(&self, name: &str) -> Option<String> {
        self.values
            .keys()
            .map(|known| (strsim::normalized_damerau_levenshtein(name, known), known))
            .filter(|(likeness, _)| *likeness >= 0.5)
            .max_by(|left, right| left.0.total_cmp(&right.0))
            .map(|(_, known)| known.clone())
    }
}

/// A value that was filled in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Filled {
    /// Offset of the value in the filled text, counted from the stream's beginning.
    pub(crate) at: u64,
    /// Its length in bytes.
    pub(crate) length: usize,
    /// `${name}`, as the file has it.
    pub(crate) written: String,
}

/// Reads a source and fills in placeholders; one that straddles two reads is still one.
#[derive(Debug)]
pub(crate) struct Filler {
    placeholders: Placeholders,
    path: PathBuf,
    /// Text that cannot be handed on yet: it may be the front of a placeholder.
    pending: String,
    /// Where `pending` begins.
    place: Origin,
    written: u64,
}

/// More characters than this are no name, so that text held back stays small.
const LONGEST_NAME: usize = 256;

enum Dollar {
    /// So many bytes are ordinary text.
    Plain(usize),
    /// So many bytes are a placeholder.
    Placeholder(usize),
    /// The text ends too early to say.
    Unknown,
}

impl Filler {
    pub(crate) fn new(placeholders: Placeholders, path: PathBuf, place: Origin) -> Self {
        Self {
            placeholders,
            path,
            pending: String::new(),
            place,
            written: 0,
        }
    }

    /// Reads once, appends to `into` and notes what was filled in; `false` when there was nothing more.
    pub(crate) fn read(
        &mut self,
        source: &mut impl TextSource,
        into: &mut String,
        filled: &mut VecDeque<Filled>,
    ) -> Result<bool, TextError> {
        if !self.placeholders.is_active() {
            return source.read_more(into);
        }
        let more = source.read_more(&mut self.pending)?;
        let before = into.len();
        let text = std::mem::take(&mut self.pending);
        let used = self.fill(&text, !more, before, into, filled)?;
        self.place = self.place.after(&text[..used]);
        self.pending.push_str(&text[used..]);
        self.written += (into.len() - before) as u64;
        Ok(more)
    }

    fn fill(
        &self,
        text: &str,
        end_of_input: bool,
        before: usize,
        into: &mut String,
        filled: &mut VecDeque<Filled>,
    ) -> Result<usize, TextError> {
        let (mut copied, mut at) = (0, 0);
        while let Some(found) = memchr(b'$', &text.as_bytes()[at..]) {
            let start = at + found;
            match dollar(&text.as_bytes()[start..], end_of_input) {
                Dollar::Plain(length) => at = start + length,
                Dollar::Unknown => {
                    into.push_str(&text[copied..start]);
                    return Ok(start);
                }
                Dollar::Placeholder(length) => {
                    at = start + length;
                    let value = self.value(text, start, at)?;
                    into.push_str(&text[copied..start]);
                    filled.push_back(Filled {
                        at: self.written + (into.len() - before) as u64,
                        length: value.len(),
                        written: text[start..at].to_owned(),
                    });
                    into.push_str(value);
                    copied = at;
                }
            }
        }
        // `\r` and `\n` of one line end are counted together, so they are read together.
        let used = text.len() - usize::from(!end_of_input && text.ends_with('\r'));
        into.push_str(&text[copied..used.max(copied)]);
        Ok(used.max(copied))
    }

    fn value(&self, text: &str, start: usize, end: usize) -> Result<&str, TextError> {
        let name = &text[start + 2..end - 1];
        self.placeholders
            .values
            .get(name)
            .map(String::as_str)
            .ok_or_else(|| TextError::Placeholder {
                path: self.path.clone(),
                at: self.place.after(&text[..start]).at,
                name: name.to_owned(),
                nearest: self.placeholders.nearest(name),
            })
    }
}

/// What the `$` at the front of `text` begins.
fn dollar(text: &[u8], end_of_input: bool) -> Dollar {
    let unknown = |length: usize| {
        if end_of_input || length > LONGEST_NAME {
            Dollar::Plain(1)
        } else {
            Dollar::Unknown
        }
    };
    let run = |from: usize, holds: fn(u8) -> bool| {
        text[from..]
            .iter()
            .position(|&byte| !holds(byte))
            .map_or(text.len(), |length| from + length)
    };
    match text.get(1) {
        None => unknown(1),
        Some(b'$') => Dollar::Plain(2),
        Some(b'{') => {
            let end = run(2, |byte| byte.is_ascii_alphanumeric() || b"_.:-".contains(&byte));
            let begins = |byte: &u8| byte.is_ascii_alphabetic() || *byte == b'_';
            match text.get(end) {
                None if end == 2 || text.get(2).is_some_and(begins) => unknown(end),
                Some(b'}') if end - 2 <= LONGEST_NAME && text.get(2).is_some_and(begins) => {
                    Dollar::Placeholder(end + 1)
                }
                _ => Dollar::Plain(2),
            }
        }
        Some(byte) if byte.is_ascii_alphabetic() || *byte == b'_' || *byte >= 0x80 => {
            let end = run(1, |byte| {
                byte.is_ascii_alphanumeric() || byte == b'_' || byte >= 0x80
            });
            match text.get(end) {
                None => unknown(end),
                Some(b'$') => Dollar::Plain(end + 1),
                Some(_) => Dollar::Plain(1),
            }
        }
        Some(_) => Dollar::Plain(1),
    }
}
