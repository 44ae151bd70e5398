//! Jobs around the code: `cargo xtask bench`, `chaos`, `demo`, `tidy`, `test` and `docs`.
#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a command-line tool for developers speaks through the terminal"
)]

mod bench;
mod chaos;
mod demo;
mod docs;
mod picture;
mod test;
mod tidy;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

/// Does a command's work, given the workspace's root and the remaining arguments.
type Command = fn(&Path, &[String]) -> Result<ExitCode, String>;

/// What the command line offers: name, meaning, and the function that does it.
const COMMANDS: &[(&str, &str, Command)] = &[
    (
        "bench",
        "compare dbvc with other tools on this machine, in a release build; --quick: within a minute",
        bench::run,
    ),
    (
        "demo",
        "bring the example in examples/notes from nothing to its newest version",
        demo::run,
    ),
    ("tidy", "check the house rules; one line per violation", tidy::run),
    (
        "test",
        "start the servers that the tests need and run all tests; arguments go to cargo test",
        test::run,
    ),
    (
        "chaos",
        "kill runs at random moments; --runs N, --seed S, --round R, --backend NAME",
        chaos::run,
    ),
    (
        "docs",
        "build the documentation of all crates; a warning is an error; --write: write the pages made from the program",
        docs::run,
    ),
    (
        "picture",
        "draw docs/images/session.svg from the output of a real session",
        picture::run,
    ),
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let wanted = arguments.first().map(String::as_str);
    let Some((_, _, run)) = COMMANDS.iter().find(|(name, ..)| Some(*name) == wanted) else {
        return usage(wanted);
    };
    match run(&workspace_root(), &arguments[1..]) {
        Ok(code) => code,
        Err(message) => {
            eprintln!("xtask: {message}");
            ExitCode::FAILURE
        }
    }
}

fn usage(wanted: Option<&str>) -> ExitCode {
    if let Some(name) = wanted.filter(|name| !matches!(*name, "help" | "--help" | "-h")) {
        eprintln!("xtask: no command `{name}`");
    }
    eprintln!("usage: cargo xtask <command>\n");
    for (name, meaning, _) in COMMANDS {
        eprintln!("  {name:<12} {meaning}");
    }
    ExitCode::from(2)
}

/// The folder that holds the workspace's `Cargo.toml`.
fn workspace_root() -> PathBuf {
    let package = Path::new(env!("CARGO_MANIFEST_DIR"));
    package.parent().unwrap_or(package).to_path_buf()
}
