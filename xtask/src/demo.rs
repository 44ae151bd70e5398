//! `cargo xtask demo`: the main job, from nothing to the newest version, on the embedded database.

use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};

/// What a newcomer would type, in order.
const SESSION: &[&[&str]] = &[&["status"], &["migrate", "--dry-run"], &["migrate"], &["status"]];

/// Builds dbvc and runs the session on a fresh copy of `examples/notes`.
pub(crate) fn run(root: &Path, _arguments: &[String]) -> Result<ExitCode, String> {
    build(root)?;
    let folder = root.join("target").join("demo");
    fresh_copy(&root.join("examples").join("notes"), &folder)
        .map_err(|error| format!("cannot copy the example to {}: {error}", folder.display()))?;
    let binary = root
        .join("target")
        .join("debug")
        .join(format!("dbvc{}", std::env::consts::EXE_SUFFIX));
    for words in SESSION {
        println!("\n$ dbvc {}", words.join(" "));
        let status = Command::new(&binary)
            .args(*words)
            .current_dir(&folder)
            .status()
            .map_err(|error| format!("cannot run {}: {error}", binary.display()))?;
        if !status.success() {
            return Err(format!("`dbvc {}` ended with {status}", words.join(" ")));
        }
    }
    println!("\nThe project and its database are in {}", folder.display());
    Ok(ExitCode::SUCCESS)
}

pub(crate) fn build(root: &Path) -> Result<(), String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let status = Command::new(cargo)
        .args(["build", "--quiet", "--package", "dbvc-cli", "--target-dir"])
        .arg(root.join("target"))
        .current_dir(root)
        .status()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    if status.success() {
        Ok(())
    } else {
        Err("dbvc does not build".into())
    }
}

pub(crate) fn fresh_copy(from: &Path, to: &PathBuf) -> std::io::Result<()> {
    if to.exists() {
        fs::remove_dir_all(to)?;
    }
    copy(from, to)
}

fn copy(from: &Path, to: &Path) -> std::io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let target = to.join(entry.file_name());
        if entry.file_type()?.is_dir() {
            copy(&entry.path(), &target)?;
        } else if entry.path().extension().is_none_or(|extension| extension != "db") {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
