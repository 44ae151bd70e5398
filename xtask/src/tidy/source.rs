//! The text files of the repository, as git knows them.

use std::path::Path;
use std::process::Command;

/// One text file.
#[derive(Debug, Clone)]
pub(crate) struct SourceFile {
    /// Relative to the workspace's root, with `/` between folders on every system.
    pub(crate) path: String,
    pub(crate) text: String,
}

impl SourceFile {
    pub(crate) fn new(path: &str, text: &str) -> Self {
        Self {
            path: path.to_owned(),
            text: text.to_owned(),
        }
    }

    pub(crate) fn is_rust(&self) -> bool {
        Path::new(&self.path)
            .extension()
            .is_some_and(|extension| extension == "rs")
    }

    pub(crate) fn line_count(&self) -> usize {
        self.text.lines().count()
    }

    /// Whether the whole file is test code by its name: `tests.rs` or below a folder `tests`.
    pub(crate) fn is_test(&self) -> bool {
        self.path.ends_with("/tests.rs") || self.path.contains("/tests/")
    }

    /// The parsed file; `None` where it is not Rust, or where the compiler will say more than this tool could.
    pub(crate) fn parse(&self) -> Option<syn::File> {
        if self.is_rust() {
            syn::parse_file(&self.text).ok()
        } else {
            None
        }
    }
}

/// Every file that git tracks or would track; what is not UTF-8 is no text and is left out.
pub(crate) fn tracked(root: &Path) -> Result<Vec<SourceFile>, String> {
    let listing = Command::new("git")
        .args(["ls-files", "-z", "--cached", "--others", "--exclude-standard"])
        .current_dir(root)
        .output()
        .map_err(|error| format!("cannot run git to list the files: {error}; install git"))?;
    if !listing.status.success() {
        return Err(format!(
            "git ls-files failed: {}",
            String::from_utf8_lossy(&listing.stderr).trim()
        ));
    }
    let names = String::from_utf8_lossy(&listing.stdout).into_owned();
    let mut files = Vec::new();
    for path in names.split('\0').filter(|name| !name.is_empty()) {
        // Deleted but not yet staged files are listed too, and cannot be read.
        let Ok(bytes) = std::fs::read(root.join(path)) else {
            continue;
        };
        if let Ok(text) = String::from_utf8(bytes) {
            files.push(SourceFile::new(path, &text));
        }
    }
    Ok(files)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn test_code_is_known_by_its_place() {
        assert!(SourceFile::new("dbvc-engine/src/plan/tests.rs", "").is_test());
        assert!(SourceFile::new("dbvc-engine/src/plan/tests/order.rs", "").is_test());
        assert!(!SourceFile::new("dbvc-engine/src/plan/order.rs", "").is_test());
    }

    #[test]
    fn lists_this_repository() {
        let files = tracked(&crate::workspace_root()).expect("git lists the files");
        assert!(files.iter().any(|file| file.path == "xtask/src/tidy/source.rs"));
        assert!(files.iter().all(|file| !file.path.starts_with("target/")));
    }
}
