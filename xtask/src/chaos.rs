//! `cargo xtask chaos`: runs killed at random moments, for as long as one likes.

use std::path::Path;
use std::process::{Command, ExitCode};
use std::time::{SystemTime, UNIX_EPOCH};

use crate::test;

/// The tests that do it, before the database system's name.
const TESTS: &str = "kill::at_random_moments::";
const USAGE: &str = "usage: cargo xtask chaos [--runs N] [--seed S] [--round R] [--backend NAME]";

/// What was asked for.
#[derive(Debug, Default, PartialEq, Eq)]
struct Asked {
    runs: Option<u64>,
    seed: Option<u64>,
    round: Option<u64>,
    backend: Option<String>,
}

impl Asked {
    fn read(arguments: &[String]) -> Result<Self, String> {
        let mut asked = Self::default();
        let mut words = arguments.iter();
        while let Some(option) = words.next() {
            let value = words
                .next()
                .ok_or_else(|| format!("{option} wants a value\n{USAGE}"))?;
            let number = || {
                value
                    .parse()
                    .map_err(|_| format!("{option}: `{value}` is no number"))
            };
            match option.as_str() {
                "--runs" => asked.runs = Some(number()?),
                "--seed" => asked.seed = Some(number()?),
                "--round" => asked.round = Some(number()?),
                "--backend" => asked.backend = Some(value.clone()),
                _ => return Err(format!("no option `{option}`\n{USAGE}")),
            }
        }
        Ok(asked)
    }

    /// The command that does the same again.
    fn again(&self, runs: u64, seed: u64) -> String {
        let round = self.round.map(|round| format!(" --round {round}"));
        let backend = self
            .backend
            .as_ref()
            .map(|backend| format!(" --backend {backend}"));
        format!(
            "cargo xtask chaos --runs {runs} --seed {seed}{}{}",
            round.unwrap_or_default(),
            backend.unwrap_or_default()
        )
    }
}

/// Starts the servers, runs the tests with a seed, and says how to see a failure again.
pub(crate) fn run(root: &Path, arguments: &[String]) -> Result<ExitCode, String> {
    let asked = Asked::read(arguments)?;
    let runs = asked.runs.unwrap_or(1000);
    let seed = asked.seed.unwrap_or_else(seed_from_the_clock);
    println!("xtask: seed {seed}; {}", asked.again(runs, seed));
    let mut variables = vec![("DBVC_CHAOS_RUNS", runs), ("DBVC_CHAOS_SEED", seed)];
    variables.extend(asked.round.map(|round| ("DBVC_CHAOS_ROUND", round)));
    let filter = format!("{TESTS}{}", asked.backend.as_deref().unwrap_or_default());
    let words = ["--test", "failure", "--", "--nocapture", &filter].map(str::to_owned);
    build(root)?;
    let code = test::run_with(root, &words, &variables)?;
    if code != ExitCode::SUCCESS {
        eprintln!("xtask: all of it again: {}", asked.again(runs, seed));
    }
    Ok(code)
}

/// Brings the program up to date, which building the one test target does not.
fn build(root: &Path) -> Result<(), String> {
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(cargo);
    command
        .args(["build", "--workspace", "--all-features", "--bin", "dbvc"])
        .current_dir(root);
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(_) => Err("dbvc does not build".into()),
        Err(error) => Err(format!("cannot run cargo: {error}")),
    }
}

fn seed_from_the_clock() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    since.as_secs()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test that cannot go on should panic")]

    use super::*;

    fn read(line: &str) -> Result<Asked, String> {
        let words: Vec<String> = line.split_whitespace().map(str::to_owned).collect();
        Asked::read(&words)
    }

    #[test]
    fn the_command_that_is_told_does_the_same() {
        let asked = read("--backend sqlite --round 3").unwrap();
        let again = asked.again(50, 7);
        assert_eq!(
            again,
            "cargo xtask chaos --runs 50 --seed 7 --round 3 --backend sqlite"
        );
        let words = again.strip_prefix("cargo xtask chaos").unwrap();
        let told = read(words).unwrap();
        assert_eq!((told.runs, told.seed), (Some(50), Some(7)));
        assert_eq!((told.round, told.backend), (asked.round, asked.backend));
    }

    #[test]
    fn what_makes_no_sense_is_refused() {
        assert!(read("--runs").is_err());
        assert!(read("--runs many").is_err());
        assert!(read("--often 3").is_err());
    }
}
