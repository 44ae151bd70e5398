//! A project in a temporary folder, as somebody would have it on disk.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use crate::Invocation;

/// Every file below a folder with its content; folders have none.
pub type Listing = BTreeMap<PathBuf, Option<Vec<u8>>>;

/// A folder that is removed when this is dropped. The project is in `project`, a home folder of its own beside it.
#[derive(Debug)]
pub struct ProjectFolder {
    whole: tempfile::TempDir,
}

impl ProjectFolder {
    /// An empty project.
    ///
    /// # Panics
    /// Where no temporary folder can be made.
    pub fn new() -> Self {
        Self::within(&std::env::temp_dir())
    }

    /// The same in a folder of this one.
    ///
    /// # Panics
    /// Where no temporary folder can be made.
    pub fn within(folder: &Path) -> Self {
        let whole = tempfile::Builder::new()
            .prefix("dbvc-e2e-")
            .tempdir_in(folder)
            .expect("a temporary folder");
        for folder in ["project", "home"] {
            std::fs::create_dir(whole.path().join(folder)).expect("a folder");
        }
        Self { whole }
    }

    /// A project with these files.
    pub fn with(files: &[(&str, &str)]) -> Self {
        let folder = Self::new();
        for (path, text) in files {
            folder.write(path, text);
        }
        folder
    }

    /// Where the project is.
    pub fn path(&self) -> PathBuf {
        self.whole.path().join("project")
    }

    /// Where the project and the home folder are.
    pub fn root(&self) -> &Path {
        self.whole.path()
    }

    /// Writes a file and the folders above it.
    ///
    /// # Panics
    /// Where it cannot be written.
    pub fn write(&self, path: &str, content: impl AsRef<[u8]>) {
        let path = self.path().join(path);
        let parent = path.parent().expect("a file is in a folder");
        std::fs::create_dir_all(parent).expect("the folders can be made");
        std::fs::write(path, content).expect("the file can be written");
    }

    /// The text of a file.
    ///
    /// # Panics
    /// Where there is none.
    pub fn read(&self, path: &str) -> String {
        std::fs::read_to_string(self.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    /// Removes a file.
    ///
    /// # Panics
    /// Where there is none.
    pub fn remove(&self, path: &str) {
        std::fs::remove_file(self.path().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
    }

    /// Whether there is a file or folder.
    pub fn has(&self, path: &str) -> bool {
        self.path().join(path).exists()
    }

    /// Copies the files of a folder into the project.
    ///
    /// # Panics
    /// Where they cannot be read or written.
    pub fn copy_from(&self, folder: &Path) {
        for (path, content) in list(folder) {
            if let Some(content) = content {
                self.write(&path.to_string_lossy(), content);
            }
        }
    }

    /// Everything below the project and the home folder.
    ///
    /// # Panics
    /// Where something cannot be read.
    pub fn listing(&self) -> Listing {
        list(self.whole.path())
    }

    /// A call of dbvc in this project.
    pub fn dbvc<'a>(&self, arguments: impl IntoIterator<Item = &'a str>) -> Invocation {
        Invocation::new(self, arguments.into_iter().map(str::to_owned).collect())
    }
}

impl Default for ProjectFolder {
    fn default() -> Self {
        Self::new()
    }
}

/// Everything below a folder.
///
/// # Panics
/// Where something cannot be read.
pub fn list(root: &Path) -> Listing {
    let mut found = Listing::new();
    let mut folders = vec![root.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("a folder can be read") {
            let path = entry.expect("an entry can be read").path();
            let name = path.strip_prefix(root).expect("it is below").to_owned();
            if path.is_dir() {
                found.insert(name, None);
                folders.push(path);
            } else {
                found.insert(name, Some(std::fs::read(&path).expect("a file can be read")));
            }
        }
    }
    found
}
