//! Scratch databases: a file in a folder of its own, among the system's temporary ones.

use std::path::{Path, PathBuf};
use std::time::Duration;

use async_trait::async_trait;
use dbvc_engine::driver::{
    Access, SCRATCH_MARK, SCRATCH_PREFIX, SCRATCH_UNMARKED_AGE, Scratch, Target, TargetError,
    is_scratch_name, scratch_age, scratch_name,
};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};

use crate::connect::Settings;

/// The file in the folder that says whose the folder is.
const MARK: &str = "made-by-dbvc";
/// A file does not tell whether somebody has it open, so a leftover is one that no run could still be using.
const AGE: Duration = Duration::from_hours(24);

/// What stands in a URL's path as it is.
const IN_PATHS: &AsciiSet = &NON_ALPHANUMERIC
    .remove(b'/')
    .remove(b'-')
    .remove(b'_')
    .remove(b'.');

/// A scratch database.
#[derive(Debug)]
pub(crate) struct SqliteScratch {
    target: Target,
    folder: PathBuf,
}

/// Makes the folder, after removing what killed runs left behind. The file itself is made by whoever writes first.
pub(crate) fn make(target: &Target, place: Option<&Target>) -> Result<Box<dyn Scratch>> {
    let refused = |error: &dyn std::fmt::Display| {
        DriverError::new(ErrorKind::Denied, Operation::Install, error.to_string())
    };
    let parent = match place {
        Some(place) => {
            let file = Settings::read(place).map_err(|error| refused(&error))?.file;
            let folder = file.parent().unwrap_or(Path::new(""));
            std::path::absolute(folder.join(".")).map_err(|error| refused(&error))?
        }
        None => std::env::temp_dir(),
    };
    remove_leftovers(&parent);
    let folder = parent.join(scratch_name());
    let written = make_folder(&folder)
        .and_then(|()| std::fs::write(folder.join(MARK), format!("{SCRATCH_MARK}: to be removed\n")));
    if let Err(error) = written {
        let _ = std::fs::remove_dir_all(&folder);
        return Err(refused(&format!("{}: {error}", folder.display()))
            .with_note("the folder for temporary files is TMPDIR's, if that is set"));
    }
    let file = folder.join(format!("{SCRATCH_PREFIX}{}", file_name(target)));
    match target_at(&file, target) {
        Ok(target) => Ok(Box::new(SqliteScratch { target, folder })),
        Err(error) => {
            let _ = std::fs::remove_dir_all(&folder);
            Err(refused(&error))
        }
    }
}

/// The target's settings with another file; `mode` says what may be done to the target's own.
fn target_at(file: &Path, target: &Target) -> Result<Target, TargetError> {
    let path = utf8_percent_encode(&file.to_string_lossy(), IN_PATHS).to_string();
    let kept = target.options().into_iter().filter(|(name, _)| name != "mode");
    let options: Vec<String> = kept.map(|(name, value)| format!("{name}={value}")).collect();
    let made = Target::parse(&format!("sqlite:{path}?{}", options.join("&")))?;
    Ok(made
        .with_access(Access::ReadWrite)
        .with_record(target.record.clone()))
}

/// The name that scripts and messages know the file by.
fn file_name(target: &Target) -> String {
    let name = Settings::read(target).ok().and_then(|settings| {
        let name = settings.file.file_name()?;
        Some(name.to_string_lossy().into_owned())
    });
    name.unwrap_or_else(|| "app.db".to_owned())
}

/// Nobody else may look into it.
#[cfg(unix)]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    use std::os::unix::fs::DirBuilderExt;
    std::fs::DirBuilder::new().mode(0o700).create(folder)
}

#[cfg(not(unix))]
fn make_folder(folder: &Path) -> std::io::Result<()> {
    std::fs::create_dir(folder)
}

fn remove_leftovers(parent: &Path) {
    for entry in std::fs::read_dir(parent).into_iter().flatten().flatten() {
        let name = entry.file_name().to_string_lossy().into_owned();
        if !is_scratch_name(&name) {
            continue;
        }
        if is_leftover(&entry.path()) {
            let _ = std::fs::remove_dir_all(entry.path());
        } else if made_long_ago(&name) {
            // Killed before it could leave its mark; a folder that has anything in it stays.
            let _ = std::fs::remove_dir(entry.path());
        }
    }
}

fn made_long_ago(name: &str) -> bool {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    scratch_age(name, now.unwrap_or_default()).is_some_and(|age| age > SCRATCH_UNMARKED_AGE)
}

/// Whether it has our mark, and that is old. A folder with a strange name is left alone, and so is a link to one.
fn is_leftover(folder: &Path) -> bool {
    let plain = std::fs::symlink_metadata(folder).is_ok_and(|found| found.is_dir());
    let mark = folder.join(MARK);
    let age = || {
        std::fs::symlink_metadata(&mark)
            .ok()?
            .modified()
            .ok()?
            .elapsed()
            .ok()
    };
    plain
        && age().is_some_and(|age| age > AGE)
        && std::fs::read_to_string(&mark).is_ok_and(|text| text.starts_with(SCRATCH_MARK))
}

#[async_trait]
impl Scratch for SqliteScratch {
    fn target(&self) -> &Target {
        &self.target
    }

    async fn remove(self: Box<Self>) -> Result<()> {
        match std::fs::remove_dir_all(&self.folder) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(DriverError::new(
                ErrorKind::Resources,
                Operation::Install,
                error.to_string(),
            )),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::SystemTime;

    use super::*;

    fn place(folder: &Path) -> Target {
        Target::parse(&format!("sqlite://{}/any.db", folder.display())).expect("a URL")
    }

    fn leftover(parent: &Path, name: &str, mark: Option<&str>, age: Duration) -> PathBuf {
        let folder = parent.join(name);
        std::fs::create_dir(&folder).expect("a folder");
        std::fs::write(folder.join("app.db"), "data").expect("a file");
        if let Some(mark) = mark {
            let file = std::fs::File::create(folder.join(MARK)).expect("a file");
            std::fs::write(folder.join(MARK), mark).expect("a file");
            file.set_modified(SystemTime::now() - age).expect("a time");
        }
        folder
    }

    #[tokio::test]
    async fn it_is_a_folder_of_its_own_and_goes_away() {
        let parent = tempfile::tempdir().expect("a folder");
        let place = place(parent.path());
        let scratch = make(&place, Some(&place)).expect("a scratch database");
        let file = Settings::read(scratch.target()).expect("settings").file;
        assert!(file.starts_with(parent.path()) && !file.exists());
        scratch.remove().await.expect("removed");
        assert_eq!(std::fs::read_dir(parent.path()).expect("a folder").count(), 0);
    }

    #[test]
    fn only_what_is_provably_ours_and_old_is_removed() {
        let parent = tempfile::tempdir().expect("a folder");
        let old = AGE * 2;
        let ours = leftover(parent.path(), &scratch_name(), Some(SCRATCH_MARK), old);
        let kept = [
            leftover(parent.path(), &scratch_name(), Some(SCRATCH_MARK), Duration::ZERO),
            leftover(parent.path(), &scratch_name(), Some("mine"), old),
            leftover(parent.path(), &scratch_name(), None, old),
            leftover(parent.path(), "dbvc_scratch_mine", Some(SCRATCH_MARK), old),
        ];
        remove_leftovers(parent.path());
        assert!(!ours.exists());
        for folder in kept {
            assert!(folder.exists(), "{}", folder.display());
        }
    }

    #[test]
    fn a_place_where_nothing_may_be_made_says_so() {
        let nowhere = place(Path::new("/nowhere-at-all"));
        let error = make(&nowhere, Some(&nowhere)).expect_err("no folder");
        assert_eq!(error.kind, ErrorKind::Denied);
    }
}
