//! Keeps the documentation true: every session in it is run with the real binary, and what can be told from the code
//! is compared with the code.
//!
//! `DBVC_WRITE_DOCS=1` (which `cargo xtask docs --write` sets) writes what was found into the pages.

mod diagnostics;
mod links;
mod page;
mod reference;
mod sessions;
mod steady;

use std::path::{Path, PathBuf};

/// The workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .parent()
        .expect("the workspace")
        .to_owned()
}

/// Whether pages are to be written and not compared.
fn writing() -> bool {
    std::env::var_os("DBVC_WRITE_DOCS").is_some()
}

/// Every page of the documentation, as paths below the workspace.
fn pages() -> Vec<PathBuf> {
    let mut pages: Vec<PathBuf> = std::fs::read_dir(root())
        .expect("the workspace")
        .map(|entry| entry.expect("an entry").path())
        .collect();
    let mut folders = vec![root().join("docs"), root().join("examples")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                pages.push(path);
            }
        }
    }
    pages.retain(|path| path.extension().is_some_and(|extension| extension == "md"));
    pages.sort();
    pages
        .iter()
        .map(|path| path.strip_prefix(root()).expect("below").to_owned())
        .collect()
}
