//! A step's text, read on demand and proven to be what was planned.

use std::path::PathBuf;

use crate::migration::{Checksum, ChecksumBuilder, Script};
use crate::plan::StepScript;
use crate::sql::{Dialect, ScriptReader};
use crate::text::{Origin, Placeholders, TextError, TextInMemory, TextSource};

/// Opens what a step runs. A file that no longer has the checksum it was planned with ends in
/// [`TextError::Changed`], before anything is committed.
pub fn open(
    script: &StepScript,
    placeholders: &Placeholders,
    dialect: &Dialect,
) -> Result<ScriptReader<Box<dyn TextSource>>, TextError> {
    match script {
        StepScript::File(file) => {
            let verified = Verified::new(file)?;
            let mut placeholders = placeholders.clone();
            placeholders.enabled &= file.directives.placeholders;
            let source: Box<dyn TextSource> = Box::new(verified);
            Ok(ScriptReader::new(source, dialect, placeholders, file.path.clone(), file.origin()))
        }
        StepScript::Stored { name, text } => {
            let source: Box<dyn TextSource> = Box::new(TextInMemory::new(text.clone()));
            Ok(ScriptReader::new(source, dialect, placeholders.clone(), name, Origin::START))
        }
    }
}

struct Verified {
    source: Box<dyn TextSource>,
    seen: Option<ChecksumBuilder>,
    planned: Checksum,
    path: PathBuf,
}

impl Verified {
    fn new(script: &Script) -> Result<Self, TextError> {
        Ok(Self {
            source: Box::new(script.open()?),
            seen: Some(ChecksumBuilder::default()),
            planned: script.checksum.clone(),
            path: script.path.clone(),
        })
    }
}

impl TextSource for Verified {
    fn read_more(&mut self, into: &mut String) -> Result<bool, TextError> {
        let before = into.len();
        let more = self.source.read_more(into)?;
        if let Some(seen) = &mut self.seen {
            seen.update(&into[before..]);
        }
        if !more
            && let Some(seen) = self.seen.take()
            && seen.finish() != self.planned
        {
            return Err(TextError::Changed { path: self.path.clone() });
        }
        Ok(more)
    }
}
