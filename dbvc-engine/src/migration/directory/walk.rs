//! All files below the migrations folder and the folder of undo scripts.

use std::collections::HashSet;
use std::io;
use std::path::{Path, PathBuf};

use super::DirectoryLayout;
use crate::migration::problem::{Problem, codes};

/// A file, and what matters of where it lies.
#[derive(Debug)]
pub(super) struct Entry {
    pub(super) path: PathBuf,
    /// The folder that holds it, unless that is where the walk began.
    pub(super) folder: Option<String>,
    pub(super) file: String,
    pub(super) rollback: bool,
}

/// Finds all files that are not hidden, in the order of their paths. Links are followed, each folder read once.
pub(super) fn files(layout: &DirectoryLayout, problems: &mut Vec<Problem>) -> Vec<Entry> {
    let mut walk = Walk {
        layout,
        problems,
        entries: Vec::new(),
        seen: HashSet::new(),
        rollback: false,
    };
    // First, so that the other walk does not enter it.
    if let Some(rollback) = &layout.rollback
        && rollback.exists()
    {
        walk.rollback = true;
        walk.folder(rollback, None);
    }
    walk.rollback = false;
    walk.folder(&layout.migrations, None);
    let mut entries = walk.entries;
    entries.sort_by(|a, b| a.path.cmp(&b.path));
    entries
}

struct Walk<'a> {
    layout: &'a DirectoryLayout,
    problems: &'a mut Vec<Problem>,
    entries: Vec<Entry>,
    seen: HashSet<PathBuf>,
    rollback: bool,
}

impl Walk<'_> {
    fn folder(&mut self, path: &Path, name: Option<&str>) {
        let listed = path.canonicalize().and_then(|real| {
            if !self.seen.insert(real) {
                return Ok(Vec::new());
            }
            std::fs::read_dir(path)?.collect::<io::Result<Vec<_>>>()
        });
        let listed = match listed {
            Ok(listed) => listed,
            Err(error) => return self.unreadable(path, &error),
        };
        for entry in listed {
            let file_name = entry.file_name();
            let Some(file) = file_name.to_str() else {
                self.bad_name(&entry.path());
                continue;
            };
            if file.starts_with('.') {
                continue;
            }
            let path = entry.path();
            match kind(&entry, &path) {
                Ok(kind) if kind.is_dir() => self.folder(&path, Some(file)),
                Ok(kind) if kind.is_file() => self.entries.push(Entry {
                    path,
                    folder: name.map(str::to_owned),
                    file: file.to_owned(),
                    rollback: self.rollback,
                }),
                Ok(_) => {}
                Err(error) => self.unreadable(&path, &error),
            }
        }
    }

    fn unreadable(&mut self, path: &Path, error: &io::Error) {
        let help = match error.kind() {
            io::ErrorKind::NotFound => "it is a link to something that does not exist; mend or remove it",
            io::ErrorKind::PermissionDenied => "give the user that runs dbvc the right to read it",
            _ => "see that it can be read",
        };
        let shown = self.layout.shown(path);
        let problem = Problem::new(codes::UNREADABLE, shown, format!("cannot be read: {error}"));
        self.problems.push(problem.help(help));
    }

    fn bad_name(&mut self, path: &Path) {
        let shown = self.layout.shown(path);
        let message = "its name is not valid Unicode";
        let problem = Problem::new(codes::NAME_CHARACTER, shown, message);
        self.problems.push(problem.help("rename it"));
    }
}

/// What an entry is; behind a link, what that leads to. Only a link costs another question to the system.
fn kind(entry: &std::fs::DirEntry, path: &Path) -> io::Result<std::fs::FileType> {
    let kind = entry.file_type()?;
    if kind.is_symlink() {
        return std::fs::metadata(path).map(|metadata| metadata.file_type());
    }
    Ok(kind)
}
