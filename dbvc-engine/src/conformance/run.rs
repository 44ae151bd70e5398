//! Running the rules as named trials.

use std::collections::BTreeMap;
use std::io;
use std::process::ExitCode;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use libtest_mimic::{Arguments, Completion, Conclusion, Failed, Trial};

use super::{Harness, Rule, Stop, Verdict, World, rules};

/// No rule takes this long; one that does hangs.
const LONGEST: Duration = Duration::from_secs(90);

/// Servers without which a run fails; from a list with commas, such as `postgres,mysql`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Required(Vec<String>);

impl Required {
    /// Reads the list.
    pub fn parse(list: &str) -> Self {
        let names = list.split(',').map(|name| name.trim().to_ascii_lowercase());
        Self(names.filter(|name| !name.is_empty()).collect())
    }

    pub(super) fn names(&self, driver: &str) -> bool {
        self.0.iter().any(|name| name == driver)
    }
}

/// Tries one rule out on a database of its own, on a runtime of its own.
pub fn check(harness: Arc<dyn Harness>, rule: Rule) -> Verdict {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Stop::Unavailable(format!("no runtime: {error}")))?;
    let world = runtime.block_on(World::open(harness))?;
    let verdict = runtime.block_on(async {
        tokio::time::timeout(LONGEST, (rule.run)(&world))
            .await
            .unwrap_or_else(|_| Err(Stop::Broken(format!("no end after {LONGEST:?}"))))
    });
    // What still runs in the background must end before the database is removed.
    drop(runtime);
    drop(world);
    verdict
}

/// Why trials were not run, by name.
pub(super) type NotRun = Arc<Mutex<BTreeMap<String, Stop>>>;

/// What a run came to.
#[derive(Debug)]
pub struct Report {
    driver: String,
    conclusion: Conclusion,
    listed: bool,
    not_run: BTreeMap<String, Stop>,
}

/// Runs all rules that the arguments choose. Prints as `cargo test` does; what was not run is in the report.
pub fn run(harness: impl Harness, arguments: &Arguments, required: &Required) -> Report {
    let harness: Arc<dyn Harness> = Arc::new(harness);
    let driver = harness.name().to_owned();
    let not_run = NotRun::default();
    let trials = rules::all()
        .map(|rule| {
            let (rule, harness) = (*rule, harness.clone());
            let name = rule.trial(&driver);
            trial(name, required.names(&driver), not_run.clone(), move || {
                check(harness, rule)
            })
        })
        .collect();
    report(driver, arguments, trials, &not_run)
}

/// Runs trials, and says what they came to.
pub(super) fn report(driver: String, arguments: &Arguments, trials: Vec<Trial>, not_run: &NotRun) -> Report {
    let conclusion = libtest_mimic::run(arguments, trials);
    let not_run = std::mem::take(&mut *not_run.lock().unwrap_or_else(PoisonError::into_inner));
    Report {
        driver,
        conclusion,
        listed: arguments.list,
        not_run,
    }
}

/// A rule under its name.
pub(super) fn trial(
    name: String,
    required: bool,
    not_run: NotRun,
    check: impl FnOnce() -> Verdict + Send + 'static,
) -> Trial {
    let told = name.clone();
    Trial::ignorable_test(name, move || match check() {
        Ok(()) => Ok(Completion::Completed),
        Err(Stop::Broken(why)) => Err(Failed::from(why)),
        Err(Stop::Unavailable(why)) if required => {
            Err(Failed::from(format!("the server is required and missing: {why}")))
        }
        Err(stop @ (Stop::Unavailable(_) | Stop::NotApplicable(_))) => {
            let reason = reason(&stop).to_owned();
            not_run
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .insert(told, stop);
            Ok(Completion::ignored_with(reason))
        }
    })
}

fn reason(stop: &Stop) -> &str {
    match stop {
        Stop::NotApplicable(why) | Stop::Unavailable(why) | Stop::Broken(why) => why,
    }
}

impl Report {
    /// Writes what was not run and why, and what was.
    pub fn write(&self, to: &mut dyn io::Write) -> io::Result<()> {
        if self.listed {
            return Ok(());
        }
        for (name, stop) in &self.not_run {
            writeln!(to, "not run: {name}: {}", reason(stop))?;
        }
        let (held, broken) = (self.conclusion.num_passed, self.conclusion.num_failed);
        let not_run = self.not_run.len();
        writeln!(
            to,
            "{}: {held} rules hold, {broken} broken, {not_run} not run",
            self.driver
        )?;
        if self.nothing_ran() && not_run > 0 {
            writeln!(to, "{}: NOTHING WAS PROVED", self.driver)?;
        }
        Ok(())
    }

    fn nothing_ran(&self) -> bool {
        self.conclusion.num_passed + self.conclusion.num_failed == 0
    }

    /// Success when no rule is broken. A run of which nothing ran is a success only where the server is missing (and
    /// not required), or where the arguments chose nothing.
    pub fn exit_code(&self) -> ExitCode {
        let server_missing = self
            .not_run
            .values()
            .all(|stop| matches!(stop, Stop::Unavailable(_)));
        if self.conclusion.has_failed() || (self.nothing_ran() && !server_missing) {
            ExitCode::FAILURE
        } else {
            ExitCode::SUCCESS
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(passed: u64, failed: u64, not_run: &[(&str, Stop)]) -> Report {
        Report {
            driver: "acme".into(),
            conclusion: Conclusion {
                num_filtered_out: 0,
                num_passed: passed,
                num_failed: failed,
                num_ignored: not_run.len() as u64,
                num_measured: 0,
            },
            listed: false,
            not_run: not_run
                .iter()
                .map(|(name, stop)| ((*name).to_owned(), stop.clone()))
                .collect(),
        }
    }

    fn written(report: &Report) -> String {
        let mut text = Vec::new();
        report.write(&mut text).expect("memory can be written");
        String::from_utf8(text).expect("text")
    }

    #[test]
    fn the_list_of_required_servers_is_read_by_whole_names() {
        let required = Required::parse(" mysql, Postgres,");
        assert!(required.names("postgres"));
        assert!(!required.names("postgresql"));
        assert!(!Required::parse("").names(""));
    }

    #[test]
    fn a_missing_server_is_told_and_is_no_failure() {
        let report = report(0, 0, &[("acme::lock::a", Stop::Unavailable("no initdb".into()))]);
        assert_eq!(report.exit_code(), ExitCode::SUCCESS);
        let text = written(&report);
        assert!(text.contains("not run: acme::lock::a: no initdb"), "{text}");
        assert!(text.contains("NOTHING WAS PROVED"), "{text}");
    }

    #[test]
    fn a_run_without_any_rule_that_applies_is_a_failure() {
        let report = report(0, 0, &[("acme::lock::a", Stop::NotApplicable("no lock".into()))]);
        assert_eq!(report.exit_code(), ExitCode::FAILURE);
    }

    #[test]
    fn one_broken_rule_is_a_failure() {
        assert_eq!(report(9, 1, &[]).exit_code(), ExitCode::FAILURE);
        assert_eq!(report(9, 0, &[]).exit_code(), ExitCode::SUCCESS);
    }
}
