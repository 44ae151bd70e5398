//! `cargo xtask test`: the whole suite, with every server it needs.

use std::ffi::OsString;
use std::num::NonZero;
use std::path::Path;
use std::process::{Command, ExitCode};

use dbvc_tests::servers::{self, Kind, PgBouncer, Running, TestServer as _};

/// What `cargo test` reads (rustc book, "Tests", `--test-threads`).
const THREADS: &str = "RUST_TEST_THREADS";

/// Starts the servers once, runs all tests against them with one feature set, and stops what it started.
///
/// Arguments go to `cargo test` as they are. Ctrl-C ends this process, and with it the servers.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<ExitCode, String> {
    run_with(root, arguments, &[])
}

/// The same with numbers in the environment.
pub(crate) fn run_with(
    root: &Path,
    arguments: &[String],
    variables: &[(&str, u64)],
) -> Result<ExitCode, String> {
    if cfg!(target_os = "linux") {
        servers::install_build_tools()
            .map_err(|reason| format!("no OpenSSL to build tests with: {reason}"))?;
    }
    let started = start_servers()?;
    let mut command = cargo_test(root, arguments);
    if std::env::var_os(THREADS).is_none() {
        command.env(THREADS, threads().to_string());
    }
    command.envs(variables.iter().map(|(name, value)| (name, value.to_string())));
    for (kind, running) in &started {
        command.env(kind.url_variable, &running.url);
    }
    PgBouncer::install().map_err(|reason| format!("no {}: {reason}", PgBouncer::NAME))?;
    let mut names: Vec<&str> = started.iter().map(|(kind, _)| kind.name).collect();
    names.push(PgBouncer::NAME);
    if cfg!(target_os = "linux") {
        servers::install_fake_clock().map_err(|reason| format!("no fake clock: {reason}"))?;
        names.push(servers::FAKE_CLOCK);
    }
    command.env("DBVC_REQUIRE_SERVER", names.join(","));
    let status = command
        .status()
        .map_err(|error| format!("cannot run cargo: {error}"))?;
    Ok(if status.success() {
        ExitCode::SUCCESS
    } else {
        code_of(status.code())
    })
}

/// The servers of the tests; one that is optional and not there is told.
fn start_servers() -> Result<Vec<(&'static Kind, Running)>, String> {
    let mut started: Vec<(&'static Kind, Running)> = Vec::new();
    for kind in servers::ALL {
        let given = servers::given_url(kind.url_variable).is_some();
        let running = match kind.start() {
            Ok(running) => running,
            Err(reason) if kind.optional && !given => {
                println!("xtask: going on without a {} server: {reason}", kind.name);
                continue;
            }
            Err(reason) => {
                return Err(format!(
                    "no {} server: {reason}\nor set {} to the address of one",
                    kind.name, kind.url_variable
                ));
            }
        };
        println!(
            "xtask: {} server {}",
            kind.name,
            if given {
                "taken from the environment"
            } else {
                "started"
            }
        );
        started.push((kind, running));
    }
    Ok(started)
}

/// Tests that run at once. Most wait for servers and for programs that they started, so there are more of them than cores.
fn threads() -> usize {
    2 * std::thread::available_parallelism().map_or(1, NonZero::get)
}

fn cargo_test(root: &Path, arguments: &[String]) -> Command {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| OsString::from("cargo"));
    let mut command = Command::new(cargo);
    command
        .args(["test", "--workspace", "--all-features"])
        .args(arguments)
        .current_dir(root);
    command
}

/// The code of a failed run; one that a signal ended has none.
fn code_of(code: Option<i32>) -> ExitCode {
    code.and_then(|code| u8::try_from(code).ok())
        .filter(|code| *code != 0)
        .map_or(ExitCode::FAILURE, ExitCode::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_whole_workspace_is_tested_with_one_feature_set() {
        let command = cargo_test(Path::new("."), &["--".to_owned(), "lock".to_owned()]);
        let words: Vec<_> = command.get_args().collect();
        assert_eq!(words, ["test", "--workspace", "--all-features", "--", "lock"]);
    }

    #[test]
    fn a_failed_run_never_counts_as_success() {
        for code in [None, Some(0), Some(256), Some(-1)] {
            assert_eq!(code_of(code), ExitCode::FAILURE);
        }
        assert_eq!(code_of(Some(101)), ExitCode::from(101));
    }
}
