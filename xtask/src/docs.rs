//! `cargo xtask docs`: the documentation of all crates, without broken links.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Builds the documentation with the suite's feature set; a warning is an error.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<ExitCode, String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command
        .args(["doc", "--workspace", "--all-features", "--no-deps"])
        .args(arguments);
    command.env("RUSTDOCFLAGS", "-D warnings").current_dir(root);
    let status = command
        .status()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
