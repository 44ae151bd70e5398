//! The releases that are there.

use std::path::{Path, PathBuf};

use serde::Serialize;

use super::ReleaseInfo;
use crate::diagnostic::{Diagnostic, Label};
use crate::migration::Version;
use crate::project::{ExitClass, Failed};
use crate::schema::Database;

/// A release that is there.
#[derive(Debug, Clone, Serialize)]
pub struct Release {
    /// Its folder's name, such as `v1.2.0`.
    pub name: String,
    /// Its version; none where the name is none.
    #[serde(skip)]
    pub version: Option<Version>,
    /// Where it is.
    pub folder: PathBuf,
    /// What its `info.json` says; none where there is none that can be read.
    pub info: Option<ReleaseInfo>,
}

impl Release {
    /// Its schema, or why it cannot be had.
    pub(super) fn schema(&self) -> Result<Database, String> {
        let path = self.folder.join("schema.json");
        let text = std::fs::read_to_string(&path)
            .map_err(|_| "it has no schema.json, which dbvc writes beside schema.sql".to_owned())?;
        Database::from_json(&text).map_err(|error| error.to_string())
    }
}

/// The releases in a folder, oldest version first; none where there is no folder. What does not begin with `v` and a
/// digit is something else.
pub fn releases(folder: &Path) -> Result<Vec<Release>, Failed> {
    let entries = match std::fs::read_dir(folder) {
        Ok(entries) => entries,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(unreadable(folder, &error)),
    };
    let mut found = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| unreadable(folder, &error))?;
        let name = entry.file_name().to_string_lossy().into_owned();
        let digits = name.strip_prefix(['v', 'V']).unwrap_or_default();
        if !digits.starts_with(|first: char| first.is_ascii_digit()) || !entry.path().is_dir() {
            continue;
        }
        let info = std::fs::read_to_string(entry.path().join("info.json"));
        found.push(Release {
            version: Version::detect(digits).ok(),
            folder: entry.path(),
            info: info.ok().and_then(|text| serde_json::from_str(&text).ok()),
            name,
        });
    }
    found.sort_by(|one, other| (&one.version, &one.name).cmp(&(&other.version, &other.name)));
    Ok(found)
}

fn unreadable(folder: &Path, error: &std::io::Error) -> Failed {
    Failed::one(
        ExitClass::Findings,
        Diagnostic::error("DBVC3063", format!("cannot read {}: {error}", folder.display()))
            .label(Label::file(folder))
            .help("check the rights of the folder"),
    )
}
