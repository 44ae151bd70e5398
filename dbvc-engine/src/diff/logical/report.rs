//! The comparison as text for people.

use std::fmt;

use super::{Parity, ParityNote};

impl fmt::Display for Parity {
    /// What differs and what cannot be compared, by object.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.is_equal() {
            writeln!(
                f,
                "No differences between {} and {}.",
                self.dialects.0, self.dialects.1
            )?;
        }
        list(f, "Differences", &self.differences)?;
        list(f, "Not compared, or not quite the same", &self.gaps)
    }
}

fn list(f: &mut fmt::Formatter<'_>, title: &str, notes: &[ParityNote]) -> fmt::Result {
    if notes.is_empty() {
        return Ok(());
    }
    writeln!(f, "{title}")?;
    let mut last = None;
    for note in notes {
        if last != Some(&note.object) {
            writeln!(f, "  {}", note.object)?;
            last = Some(&note.object);
        }
        writeln!(f, "    {}", note.what)?;
    }
    Ok(())
}
