//! One script of a migration, on disk.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};

use super::checksum::{Checksum, ChecksumBuilder};
use super::directives::Directives;
use super::scan;
use crate::text::{Origin, Section, TextError, TextFile, TextSource};

/// A script: where it lies, and what one pass over it found.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Script {
    /// The file, as it can be opened.
    pub path: PathBuf,
    /// The same, relative to [`super::DirectoryLayout::root`], for people and for the record.
    pub shown: PathBuf,
    /// The part of the file that is this script.
    pub section: Section,
    /// Over that part.
    pub checksum: Checksum,
    /// Length of the decoded text in bytes.
    pub bytes: u64,
    /// What its header says.
    pub directives: Directives,
    /// Whether there is nothing in it but comments.
    pub empty: bool,
}

impl Script {
    /// Opens the text, from [`Script::origin`] on. A file that was edited since it was scanned ends in
    /// [`TextError::Changed`].
    pub fn open(&self) -> Result<ScriptText, TextError> {
        Ok(ScriptText {
            file: TextFile::open_section(&self.path, self.section)?,
            read: ChecksumBuilder::new(),
            wanted: self.checksum.clone(),
            ended: false,
        })
    }

    /// Where the first byte of the text stands in the file.
    pub fn origin(&self) -> Origin {
        self.section.start
    }

    /// The whole text, for small scripts; see [`Script::bytes`].
    pub fn read_to_string(&self) -> Result<String, TextError> {
        let mut source = self.open()?;
        let mut text = String::new();
        while source.read_more(&mut text)? {}
        Ok(text)
    }

    /// One line of the file, by its 1-based number, without its line end; for messages. `None` when it is not there
    /// or can no longer be read. A very long line is cut.
    pub fn line(&self, number: u32) -> Option<String> {
        scan::line(&self.path, number)
    }

    /// The file's name without its folder, `V1.1.0__Add_customers.sql`; Diesel's with it.
    pub fn name(&self) -> String {
        let name = |path: &Path| path.file_name().map(|n| n.to_string_lossy().into_owned());
        let file = name(&self.path).unwrap_or_default();
        match self.path.parent().and_then(name) {
            Some(folder) if file == "up.sql" || file == "down.sql" => format!("{folder}/{file}"),
            _ => file,
        }
    }
}

/// The text of a [`Script`], piece by piece.
#[derive(Debug)]
pub struct ScriptText {
    file: TextFile,
    read: ChecksumBuilder,
    wanted: Checksum,
    ended: bool,
}

impl TextSource for ScriptText {
    fn read_more(&mut self, into: &mut String) -> Result<bool, TextError> {
        if self.ended {
            return Ok(false);
        }
        let from = into.len();
        if self.file.read_more(into)? {
            self.read.update(&into[from..]);
            return Ok(true);
        }
        self.ended = true;
        if std::mem::take(&mut self.read).finish() == self.wanted {
            Ok(false)
        } else {
            Err(TextError::Changed {
                path: self.file.path().to_owned(),
            })
        }
    }
}
