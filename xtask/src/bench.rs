//! The comparison with other tools. `docs/benchmarks.md` tells what it measures and how.

use std::path::Path;
use std::process::{Command, ExitCode};

/// What is built first: the program as users install it, then what measures it. Apart, because libraries that one of
/// them needs with more features would otherwise grow in the other too.
const PACKAGES: &[&str] = &["dbvc-cli", "dbvc-benches"];

/// Builds both in release and hands the arguments on.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<ExitCode, String> {
    let asks_help = arguments
        .iter()
        .any(|word| matches!(word.as_str(), "--help" | "-h"));
    for package in PACKAGES {
        if asks_help && *package == "dbvc-cli" {
            continue;
        }
        let mut build = Command::new(env!("CARGO"));
        build.args([
            "build",
            "--release",
            "--all-features",
            "--bins",
            "--package",
            package,
        ]);
        let status = build
            .current_dir(root)
            .status()
            .map_err(|error| format!("cargo: {error}"))?;
        if !status.success() {
            return Err(format!("`cargo build --release --package {package}`: {status}"));
        }
    }
    let target = std::env::var_os("CARGO_TARGET_DIR").map_or_else(|| root.join("target"), Into::into);
    let mut compare = Command::new(target.join("release").join("compare"));
    compare.args(arguments).current_dir(root);
    if !arguments.iter().any(|word| word.starts_with("--dbvc")) {
        compare.arg("--dbvc").arg(
            target
                .join("release")
                .join(format!("dbvc{}", std::env::consts::EXE_SUFFIX)),
        );
    }
    let status = compare
        .status()
        .map_err(|error| format!("the comparison: {error}"))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    })
}
