//! A folder that appears whole or not at all.

use std::fs::File;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use crate::diagnostic::{Diagnostic, Label};
use crate::project::{ExitClass, Failed};

/// A folder beside the one that is wanted. It is removed when it is dropped before it is finished.
pub(super) struct Draft {
    folder: tempfile::TempDir,
}

impl Draft {
    pub(super) fn begin(place: &Path) -> Result<Self, Failed> {
        let parent = place.parent().unwrap_or(Path::new("."));
        let made = std::fs::create_dir_all(parent)
            .and_then(|()| tempfile::Builder::new().prefix(".draft-").tempdir_in(parent));
        let folder = made.map_err(|error| unwritten(parent, &error))?;
        Ok(Self { folder })
    }

    pub(super) fn file(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    pub(super) fn write(&self, name: &str, text: &str) -> Result<(), Failed> {
        let path = self.file(name);
        let write = || {
            let mut file = File::create(&path)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()
        };
        write().map_err(|error| unwritten(&path, &error))
    }

    /// Gives the folder its name. Where somebody else made one of that name meanwhile, nothing is changed.
    pub(super) fn finish(self, place: &Path) -> Result<Vec<PathBuf>, Failed> {
        let names = [
            "schema.sql",
            "schema.json",
            "seed_data.sql",
            "info.json",
            "README.md",
        ];
        if place.exists() {
            return Err(unwritten(place, &std::io::ErrorKind::AlreadyExists.into()));
        }
        open_to_all(self.folder.path()).map_err(|error| unwritten(place, &error))?;
        std::fs::rename(self.folder.path(), place).map_err(|error| unwritten(place, &error))?;
        // What it would remove has another name now.
        let _ = self.folder.keep();
        Ok(names.map(|name| place.join(name)).to_vec())
    }
}

/// A temporary folder is its maker's alone; a release belongs to the project.
fn open_to_all(folder: &Path) -> std::io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        std::fs::set_permissions(folder, std::fs::Permissions::from_mode(0o755))?;
    }
    let _ = folder;
    Ok(())
}

pub(super) fn unwritten(path: &Path, error: &std::io::Error) -> Failed {
    Failed::one(
        ExitClass::Findings,
        Diagnostic::error("DBVC3062", format!("cannot write {}: {error}", path.display()))
            .label(Label::file(path))
            .help("check that the folder may be written to and that there is room on the disk"),
    )
}
