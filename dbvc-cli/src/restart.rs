//! Starting again with a variable that a library reads from the process and nowhere else.

use std::process::Command;

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::project::audit::AuditSettings;

use crate::app::App;
use crate::codes;
use crate::stop::Stop;

/// Starts this program again in its own place, where a sink's driver wants a variable that the process lacks. A running
/// process must not change its own environment: other threads may read it.
pub(crate) fn where_needed(app: &App, settings: &AuditSettings) -> Result<(), Stop> {
    let sinks = settings.sinks.iter();
    let wanted = sinks.flat_map(|sink| sink.driver.environment(&sink.target).iter().copied());
    let lacking: Vec<(&str, &str)> = wanted
        .filter(|(name, value)| app.surroundings.variable(name) != Some(value))
        .collect();
    if lacking.is_empty() {
        return Ok(());
    }
    let program = std::env::current_exe().map_err(|error| failed(&error))?;
    let mut again = Command::new(program);
    again.args(app.arguments.iter().skip(1)).envs(lacking);
    Err(failed(&replace(again)))
}

/// Returns only when that cannot be done.
#[cfg(unix)]
fn replace(mut again: Command) -> std::io::Error {
    use std::os::unix::process::CommandExt as _;
    again.exec()
}

/// Elsewhere a process cannot be replaced: this one waits for the other and ends with its code.
#[cfg(not(unix))]
fn replace(mut again: Command) -> std::io::Error {
    match again.status() {
        Ok(status) => std::process::exit(status.code().unwrap_or(1)),
        Err(error) => error,
    }
}

fn failed(error: &std::io::Error) -> Stop {
    let message = format!("dbvc cannot start itself again: {error}");
    Stop::configuration(vec![Diagnostic::error(codes::INTERNAL, message)])
}
