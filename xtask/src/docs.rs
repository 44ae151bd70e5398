//! `cargo xtask docs`: the documentation of all crates, without broken links; `--write` writes the generated pages.

use std::ffi::OsString;
use std::path::Path;
use std::process::{Command, ExitCode};

/// Builds the documentation with the suite's feature set; a warning is an error. With `--write`, writes the pages that
/// are made from the program instead.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<ExitCode, String> {
    if arguments.iter().any(|argument| argument == "--write") {
        return write(root);
    }
    let mut command = cargo();
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

/// Lets the tests of the documentation write what they would compare: sessions, `docs/reference/cli.md`.
fn write(root: &Path) -> Result<ExitCode, String> {
    for words in [
        &["build", "--quiet", "--workspace", "--all-features", "--bins"][..],
        &[
            "test",
            "--quiet",
            "--workspace",
            "--all-features",
            "--test",
            "readme",
        ],
    ] {
        let status = cargo()
            .args(words)
            .env("DBVC_WRITE_DOCS", "1")
            .current_dir(root)
            .status()
            .map_err(|error| format!("cannot run cargo: {error}"))?;
        if !status.success() {
            return Err(format!("`cargo {}` failed", words.join(" ")));
        }
    }
    Ok(ExitCode::SUCCESS)
}

fn cargo() -> Command {
    Command::new(std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo")))
}
