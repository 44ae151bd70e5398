//! A step's text, read on demand.

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
            let mut placeholders = placeholders.clone();
            placeholders.enabled &= file.directives.placeholders;
            let source: Box<dyn TextSource> = Box::new(file.open()?);
            Ok(ScriptReader::new(
                source,
                dialect,
                placeholders,
                file.shown.clone(),
                file.origin(),
            ))
        }
        StepScript::Stored { name, text } => {
            let source: Box<dyn TextSource> = Box::new(TextInMemory::new(text.clone()));
            Ok(ScriptReader::new(
                source,
                dialect,
                placeholders.clone(),
                name,
                Origin::START,
            ))
        }
    }
}
