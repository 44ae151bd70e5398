//! Reads a directory of migrations, and says everything that is wrong with it at once.

use std::path::{Component, Path, PathBuf};

use super::naming::NamingRules;
use super::problem::{Problem, codes};
use super::set::MigrationSet;
use super::version::VersionScheme;

mod alone;
mod assemble;
mod found;
mod scheme;
#[cfg(test)]
mod tests;
mod walk;

pub use alone::alone;

/// Where a database's migrations lie, and what they must look like.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DirectoryLayout {
    /// Paths below it are shown relative to it.
    pub root: PathBuf,
    /// The folder of migrations; its subfolders are read too, hidden ones excepted.
    pub migrations: PathBuf,
    /// The folder of undo scripts, which may lie within the other. It need not exist.
    pub rollback: Option<PathBuf>,
    /// How versions are written; `None` finds out.
    pub scheme: Option<VersionScheme>,
    /// What names must look like.
    pub naming: NamingRules,
}

impl DirectoryLayout {
    /// A path as people are shown it.
    pub fn shown(&self, path: &Path) -> PathBuf {
        let path = path.strip_prefix(&self.root).unwrap_or(path);
        let parts = path.components().filter(|part| *part != Component::CurDir);
        parts.collect()
    }
}

/// Reads all migrations of a directory.
///
/// Everything that is wrong is reported at once, in the order of paths.
pub fn read(layout: &DirectoryLayout) -> Result<MigrationSet, Vec<Problem>> {
    if !layout.migrations.is_dir() {
        return Err(vec![missing(layout)]);
    }
    let mut problems = Vec::new();
    let files = walk::files(layout, &mut problems);
    let found = found::understand(layout, &files, &mut problems);
    let set = assemble::assemble(layout, found, &mut problems);
    match set {
        Some(set) if problems.is_empty() => Ok(set),
        _ => {
            problems.sort_by(|a, b| (&a.path, a.at).cmp(&(&b.path, b.at)));
            Err(problems)
        }
    }
}

fn missing(layout: &DirectoryLayout) -> Problem {
    let shown = layout.shown(&layout.migrations);
    if layout.migrations.exists() {
        return Problem::new(codes::DIRECTORY_MISSING, shown, "the migrations folder is a file")
            .help("name a folder as the database's migrations folder");
    }
    Problem::new(
        codes::DIRECTORY_MISSING,
        shown,
        "the migrations folder does not exist",
    )
    .help("run `dbvc init` to make one, or name the right folder in dbvc.toml")
}
