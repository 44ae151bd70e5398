//! Logs on standard error: nothing unless asked for.

use std::time::Duration;

use dbvc_engine::diagnostic::Diagnostic;
use dbvc_engine::observe::Event;
use tracing_subscriber::layer::SubscriberExt;
use tracing_subscriber::util::SubscriberInitExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, fmt};

use crate::args::{Global, LogFormat};
use crate::config::Surroundings;
use crate::config::codes;
use crate::config::variables::{DBVC_LOG, DBVC_LOG_FORMAT};

/// Begins to log as the flags and variables say. Called once; a second call changes nothing.
pub(crate) fn start(global: &Global, surroundings: &Surroundings) -> Result<(), Box<Diagnostic>> {
    let filter = filter(global.verbose, surroundings.variable(DBVC_LOG))?;
    let json = match global.log_format {
        Some(format) => format == LogFormat::Json,
        None => is_json(surroundings.variable(DBVC_LOG_FORMAT))?,
    };
    let to = fmt::layer().with_writer(std::io::stderr).with_ansi(false);
    let log = if json {
        to.json().with_filter(filter).boxed()
    } else {
        to.compact().with_filter(filter).boxed()
    };
    #[allow(unused_mut, reason = "a build without these databases adds none")]
    let mut layers: Vec<Box<dyn Layer<Registry> + Send + Sync>> = vec![log];
    // What a server says while it works reaches people through the observer, however quiet the log is.
    #[cfg(feature = "postgres")]
    layers.push(dbvc_postgres::notices().boxed());
    #[cfg(feature = "mssql")]
    layers.push(dbvc_mssql::notices().boxed());
    // Someone who uses dbvc as a library may have begun to log already.
    let _ = tracing_subscriber::registry().with(layers).try_init();
    Ok(())
}

/// Writes what happens in a run to the log.
pub(crate) fn event(event: &Event<'_>) {
    match event {
        Event::WaitingForLock { holder, waited } => {
            let owner = &holder.owner;
            tracing::info!(
                user = owner.actor.user,
                host = owner.actor.host,
                pid = owner.pid,
                waited_ms = millis(*waited),
                "waiting for the lock"
            );
        }
        Event::Locked { taken_from } => {
            let dead = taken_from.map(|holder| holder.owner.actor.host.as_str());
            tracing::info!(taken_from = dead, "locked");
        }
        Event::StepStarted {
            number,
            of,
            script,
            action,
            statements,
        } => {
            tracing::info!(number, of, script, ?action, statements, "step begun");
        }
        Event::StepProgress { done, of } => tracing::debug!(done, of, "statements done"),
        Event::Notice(notice) => tracing::debug!(message = notice.message, "the server said"),
        Event::Retrying { script, why, pause } => {
            tracing::warn!(script, why, pause_ms = millis(*pause), "trying again");
        }
        Event::StepFinished {
            script,
            statements,
            rows,
            duration,
        } => {
            tracing::info!(
                script,
                statements,
                rows,
                duration_ms = millis(*duration),
                "step done"
            );
        }
        Event::Diagnostic(diagnostic) => {
            tracing::info!(code = diagnostic.code, text = diagnostic.message, "said");
        }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

fn filter(verbose: u8, directives: Option<&str>) -> Result<EnvFilter, Box<Diagnostic>> {
    // Client libraries log whole statements, and statements may hold secrets; and errors that are told anyway.
    let text = directives.unwrap_or(match verbose {
        0 => "error,sqlx=off,tiberius=off",
        1 => "info,sqlx=off,tiberius=off",
        2 => "debug,sqlx=off,tiberius=off",
        _ => "trace,sqlx=off,tiberius=off",
    });
    EnvFilter::try_new(text).map_err(|error| {
        Box::new(
            Diagnostic::error(codes::VALUE, format!("{DBVC_LOG} cannot be read"))
                .note(error.to_string())
                .help("write it like `debug` or `dbvc_engine=trace,warn`"),
        )
    })
}

fn is_json(text: Option<&str>) -> Result<bool, Box<Diagnostic>> {
    match text {
        None | Some("human") => Ok(false),
        Some("json") => Ok(true),
        Some(other) => Err(Box::new(
            Diagnostic::error(codes::VALUE, format!("{DBVC_LOG_FORMAT} cannot be `{other}`"))
                .help("it is `human` or `json`"),
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn client_libraries_stay_silent_however_verbose() {
        for verbose in 0..4 {
            let filter = filter(verbose, None).expect("fine").to_string();
            assert!(filter.contains("sqlx=off"), "{filter}");
            assert!(filter.contains("tiberius=off"), "{filter}");
        }
    }

    #[test]
    fn what_cannot_be_read_is_said() {
        assert!(filter(0, Some("dbvc=loud")).is_err());
        assert!(is_json(Some("xml")).is_err());
    }
}
