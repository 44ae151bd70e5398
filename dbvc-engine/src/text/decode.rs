//! Bytes of a script file as characters, a block at a time.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::{Origin, TextError, TextSource};

#[cfg(test)]
mod tests;

const BLOCK: usize = 64 * 1024;

/// Most files are shorter, in bytes; the buffer grows for the others.
const USUAL: usize = 8 * 1024;

/// The part of a file that belongs to one script: byte offsets in the decoded text, without the byte order mark.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// Where the first byte stands.
    pub start: Origin,
    /// The byte after the last; `None` for the end of the file.
    pub end: Option<u64>,
}

impl Section {
    /// The whole file.
    pub const WHOLE: Self = Self {
        start: Origin::START,
        end: None,
    };
}

/// A text file that is read in blocks of about 64 KiB and never held whole.
///
/// UTF-8 with or without a byte order mark, UTF-16 with one; the mark itself is not part of the text. A NUL character
/// is refused too: PostgreSQL cannot take it, SQLite stops reading at it, and it is how UTF-16 without a mark looks.
#[derive(Debug)]
pub struct TextFile {
    path: PathBuf,
    file: File,
    encoding: Option<Encoding>,
    raw: Vec<u8>,
    raw_offset: u64,
    lines: LineCounter,
    decoded: u64,
    section: Section,
    ended: bool,
}

impl TextFile {
    /// Opens a whole file.
    pub fn open(path: impl Into<PathBuf>) -> Result<Self, TextError> {
        Self::open_section(path, Section::WHOLE)
    }

    /// Opens a file of which only `section` is handed over. What stands before it is decoded, and thus checked, too.
    pub fn open_section(path: impl Into<PathBuf>, section: Section) -> Result<Self, TextError> {
        let path = path.into();
        let file = File::open(&path).map_err(|source| TextError::Read {
            path: path.clone(),
            source,
        })?;
        Ok(Self {
            path,
            file,
            encoding: None,
            raw: Vec::with_capacity(USUAL),
            raw_offset: 0,
            lines: LineCounter::default(),
            decoded: 0,
            section,
            ended: false,
        })
    }

    /// The file that is read.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Fills `raw` up to one block; says whether the file has ended.
    fn fill(&mut self) -> Result<bool, TextError> {
        let wanted = BLOCK.saturating_sub(self.raw.len()).max(4);
        // Into memory that is not cleared first: most files are far smaller than a block.
        let read = self.file.by_ref().take(wanted as u64).read_to_end(&mut self.raw);
        let count = read.map_err(|source| TextError::Read {
            path: self.path.clone(),
            source,
        })?;
        Ok(count < wanted)
    }

    fn skip_mark(&mut self) -> Encoding {
        let (encoding, mark) = Encoding::of(&self.raw);
        self.raw.drain(..mark);
        self.raw_offset += mark as u64;
        self.encoding = Some(encoding);
        encoding
    }

    fn decode(&mut self, at_end: bool, into: &mut String) -> Result<(), TextError> {
        let encoding = self.encoding.unwrap_or_else(|| self.skip_mark());
        let from = into.len();
        let outcome = encoding.decode(&self.raw, at_end, into);
        self.lines.read(&into.as_bytes()[from..]);
        match outcome {
            Ok(used) => {
                self.raw.drain(..used);
                self.raw_offset += used as u64;
                Ok(())
            }
            Err(bad) => Err(TextError::Encoding {
                path: self.path.clone(),
                encoding: bad.encoding,
                byte: self.raw.get(bad.index).copied().unwrap_or_default(),
                offset: self.raw_offset + bad.index as u64,
                line: self.lines.line,
            }),
        }
    }

    /// Appends what of `piece`, the text from byte `self.decoded` on, lies in the section.
    fn keep(&mut self, piece: &str, into: &mut String) -> Result<(), TextError> {
        let inside = |offset: u64| {
            let offset = offset.saturating_sub(self.decoded);
            usize::try_from(offset).map_or(piece.len(), |offset| offset.min(piece.len()))
        };
        let start = inside(self.section.start.offset);
        let end = self.section.end.map_or(piece.len(), inside);
        match piece.get(start..end.max(start)) {
            Some(kept) => into.push_str(kept),
            None => {
                return Err(TextError::Changed {
                    path: self.path.clone(),
                });
            }
        }
        self.decoded += piece.len() as u64;
        self.ended |= self.section.end.is_some_and(|end| self.decoded >= end);
        Ok(())
    }
}

impl TextSource for TextFile {
    fn read_more(&mut self, into: &mut String) -> Result<bool, TextError> {
        let before = into.len();
        while !self.ended && into.len() == before {
            let at_end = self.fill()?;
            self.ended = at_end;
            let all = self.section == Section::WHOLE;
            if all {
                self.decode(at_end, into)?;
                self.decoded += (into.len() - before) as u64;
            } else {
                let mut piece = String::new();
                self.decode(at_end, &mut piece)?;
                self.keep(&piece, into)?;
            }
        }
        Ok(into.len() > before)
    }
}

#[derive(Debug, Clone, Copy)]
enum Encoding {
    Utf8,
    Utf16Little,
    Utf16Big,
}

/// The first byte that does not fit, by its index in the block.
struct BadByte {
    encoding: &'static str,
    index: usize,
}

impl Encoding {
    /// The encoding that the first bytes promise, and the length of the byte order mark.
    fn of(bytes: &[u8]) -> (Self, usize) {
        match bytes {
            [0xEF, 0xBB, 0xBF, ..] => (Self::Utf8, 3),
            [0xFF, 0xFE, ..] => (Self::Utf16Little, 2),
            [0xFE, 0xFF, ..] => (Self::Utf16Big, 2),
            _ => (Self::Utf8, 0),
        }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Utf8 => "UTF-8",
            Self::Utf16Little => "UTF-16 LE",
            Self::Utf16Big => "UTF-16 BE",
        }
    }

    /// Decodes what is whole and says how many bytes that took; before an error, what stands before the bad byte.
    fn decode(self, bytes: &[u8], at_end: bool, into: &mut String) -> Result<usize, BadByte> {
        match self {
            Self::Utf8 => decode_utf8(bytes, at_end, into),
            Self::Utf16Little => decode_utf16(bytes, at_end, into, self, u16::from_le_bytes),
            Self::Utf16Big => decode_utf16(bytes, at_end, into, self, u16::from_be_bytes),
        }
    }
}

const NUL: &str = "text (it holds a NUL; is it UTF-16 without a byte order mark?)";

fn decode_utf8(bytes: &[u8], at_end: bool, into: &mut String) -> Result<usize, BadByte> {
    let (valid, bad) = match std::str::from_utf8(bytes) {
        Ok(text) => (text, false),
        Err(error) => {
            let valid = error.valid_up_to();
            let text = std::str::from_utf8(&bytes[..valid]).unwrap_or_default();
            (text, at_end || error.error_len().is_some())
        }
    };
    if let Some(index) = valid.find('\0') {
        into.push_str(&valid[..index]);
        return Err(BadByte { encoding: NUL, index });
    }
    into.push_str(valid);
    if bad {
        return Err(BadByte {
            encoding: Encoding::Utf8.name(),
            index: valid.len(),
        });
    }
    Ok(valid.len())
}

fn decode_utf16(
    bytes: &[u8],
    at_end: bool,
    into: &mut String,
    encoding: Encoding,
    unit: fn([u8; 2]) -> u16,
) -> Result<usize, BadByte> {
    let units = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]]));
    let mut used = 0;
    for decoded in char::decode_utf16(units) {
        match decoded {
            Ok('\0') => {
                return Err(BadByte {
                    encoding: NUL,
                    index: used,
                });
            }
            Ok(character) => {
                into.push(character);
                used += character.len_utf16() * 2;
            }
            Err(error) => {
                let is_first_half = (0xD800..0xDC00).contains(&error.unpaired_surrogate());
                if is_first_half && !at_end && used + 4 > bytes.len() {
                    return Ok(used);
                }
                return Err(BadByte {
                    encoding: encoding.name(),
                    index: used,
                });
            }
        }
    }
    if at_end && used < bytes.len() {
        return Err(BadByte {
            encoding: encoding.name(),
            index: used,
        });
    }
    Ok(used)
}

/// Counts lines as [`super::LineColumn::after`] does, across blocks.
#[derive(Debug)]
struct LineCounter {
    line: u32,
    after_return: bool,
}

impl Default for LineCounter {
    fn default() -> Self {
        Self {
            line: 1,
            after_return: false,
        }
    }
}

impl LineCounter {
    fn read(&mut self, bytes: &[u8]) {
        // Nearly all files have one kind of line end, and counting one byte is fast.
        if !self.after_return && !bytes.contains(&b'\r') {
            let lines = bytes
                .iter()
                .map(|&byte| usize::from(byte == b'\n'))
                .sum::<usize>();
            self.line = self.line.saturating_add(u32::try_from(lines).unwrap_or(u32::MAX));
            return;
        }
        for &byte in bytes {
            let ends_line = byte == b'\r' || (byte == b'\n' && !self.after_return);
            self.line += u32::from(ends_line);
            self.after_return = byte == b'\r';
        }
    }
}
