//! Starting this program again with variables that a library reads: a running process must not change its own.
//!
//! To be done before anything else has an effect: with [`missing`] as soon as the sinks are known, and [`restart`] where it
//! finds something.

use std::convert::Infallible;
use std::io;
use std::process::Command;

use dbvc_engine::audit::{AuditDriver, SinkTarget};

/// The variables that sinks need and this process was not started with.
pub fn missing<'a>(
    sinks: impl IntoIterator<Item = (&'a dyn AuditDriver, &'a SinkTarget)>,
    is_set: impl Fn(&str) -> bool,
) -> Vec<(&'static str, &'static str)> {
    let mut missing: Vec<_> = sinks
        .into_iter()
        .flat_map(|(driver, target)| driver.environment(target).iter().copied())
        .filter(|(name, _)| !is_set(name))
        .collect();
    missing.sort_unstable();
    missing.dedup();
    missing
}

/// Runs this program again, with the same arguments and these variables, in place of this process or, where a system cannot
/// do that, as its child whose code becomes this one's. Returns only when it cannot be started.
pub fn restart(variables: &[(&str, &str)]) -> io::Result<Infallible> {
    let mut command = Command::new(std::env::current_exe()?);
    command
        .args(std::env::args_os().skip(1))
        .envs(variables.iter().copied());
    instead(command)
}

#[cfg(unix)]
fn instead(mut command: Command) -> io::Result<Infallible> {
    use std::os::unix::process::CommandExt as _;
    Err(command.exec())
}

#[cfg(not(unix))]
fn instead(mut command: Command) -> io::Result<Infallible> {
    let status = command.status()?;
    std::process::exit(status.code().unwrap_or(1));
}

#[cfg(all(test, feature = "cosmos"))]
mod tests {
    use std::collections::BTreeMap;

    use dbvc_engine::driver::Secret;

    use super::*;

    fn sink(url: &str) -> SinkTarget {
        SinkTarget {
            name: "trail".into(),
            url: Secret::new(url),
            options: BTreeMap::new(),
        }
    }

    #[test]
    fn only_what_a_sink_needs_and_is_not_set_is_missing() {
        let (cosmos, file) = (dbvc_cosmos::audit_driver(), dbvc_engine::audit::jsonl::driver());
        let key = sink("cosmos://a.b?account_key=k");
        let identity = sink("cosmos://a.b?auth=managed-identity");
        let local = sink("file:a.jsonl");
        let asked =
            |sinks: &[(&dyn AuditDriver, &SinkTarget)], set: bool| missing(sinks.iter().copied(), |_| set);
        let quiet = vec![("COSMOS_DISABLE_IMDS", "1")];
        let all: [(&dyn AuditDriver, &SinkTarget); 4] = [
            (&*cosmos, &key),
            (&*cosmos, &key),
            (&*file, &local),
            (&*cosmos, &identity),
        ];
        assert_eq!(asked(&all, false), quiet);
        assert!(asked(&all, true).is_empty());
        assert!(asked(&all[2..], false).is_empty());
    }
}
