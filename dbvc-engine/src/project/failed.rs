//! How a use case ends when it does not end well.

use serde::Serialize;

use crate::diagnostic::{Diagnostic, Label};
use crate::driver::Target;
use crate::error::{DriverError, ErrorKind};
use crate::execute::{FailureClass, StepFailure, StepReport};
use crate::lock::AcquireError;
use crate::migration::Problem;

/// What an end means for whoever called; the command line gives each its exit code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ExitClass {
    /// The project's files or the request have faults; nothing was touched.
    Findings,
    /// The request does not fit together.
    Usage,
    /// Settings are wrong.
    Configuration,
    /// The database could not be reached, or the connection was lost.
    Connection,
    /// Another run holds the lock.
    LockHeld,
    /// A migration failed and was rolled back.
    RolledBack,
    /// A migration failed and part of it stays.
    Partial,
    /// The schema is not what it should be.
    Drift,
    /// The audit trail cannot be kept where it must be, or cannot be read.
    AuditUnavailable,
    /// Someone asked to stop.
    Cancelled,
}

/// A use case that did not end well.
#[derive(Debug)]
pub struct Failed {
    /// What it means.
    pub exit: ExitClass,
    /// What people are told.
    pub diagnostics: Vec<Diagnostic>,
    /// What became of each step, when the run had begun.
    pub steps: Vec<StepReport>,
}

impl Failed {
    /// One diagnostic.
    pub fn one(exit: ExitClass, diagnostic: Diagnostic) -> Self {
        Self {
            exit,
            diagnostics: vec![diagnostic],
            steps: Vec::new(),
        }
    }

    /// Several diagnostics.
    pub(super) fn findings(diagnostics: Vec<Diagnostic>) -> Self {
        Self {
            exit: ExitClass::Findings,
            diagnostics,
            steps: Vec::new(),
        }
    }

    /// Faults of the project's files.
    pub(super) fn problems(problems: &[Problem]) -> Self {
        Self::findings(problems.iter().map(problem).collect())
    }

    /// A database that refused or could not be reached.
    pub(super) fn driver(target: &Target, error: &DriverError) -> Self {
        let exit = match error.kind {
            ErrorKind::LockLost => ExitClass::LockHeld,
            ErrorKind::TrailBroken => ExitClass::AuditUnavailable,
            ErrorKind::Cancelled => ExitClass::Cancelled,
            _ => ExitClass::Connection,
        };
        Self::one(exit, database(target, error))
    }

    pub(super) fn lock(target: &Target, error: &AcquireError) -> Self {
        match error {
            AcquireError::Driver(error) if error.kind == ErrorKind::LockTimeout => Self::pinned(
                error,
                "wait longer with `--lock-wait 10min`: the work is not begun twice, and not lost if it ends well",
            ),
            AcquireError::Driver(error) => Self::driver(target, error),
            AcquireError::Cancelled => Self::one(
                ExitClass::Cancelled,
                Diagnostic::error(
                    "DBVC4003",
                    "stopped while waiting for the lock; nothing was changed",
                ),
            ),
            AcquireError::Held { holder, waited } => {
                let actor = &holder.owner.actor;
                let mut held = Diagnostic::error("DBVC4002", "another run holds the lock")
                    .note(format!(
                        "{} on {} (process {}) has run `{}` since {}",
                        actor.user, actor.host, holder.owner.pid, holder.owner.purpose, holder.acquired_at
                    ))
                    .note(format!(
                        "waited {:.1} s; nothing was changed",
                        waited.as_secs_f64()
                    ));
                if let Some(job) = &actor.ci_job {
                    held = held.note(format!("its CI job is {job}"));
                }
                Self::one(
                    ExitClass::LockHeld,
                    held.help("wait for it to end, or wait longer with `--lock-wait 10min`")
                        .help("`dbvc lock status` tells whether it lives; a dead one's lock is taken over by itself"),
                )
            }
        }
    }

    /// A lock that could not be taken away from its holder.
    pub(super) fn lock_kept(target: &Target, error: &DriverError) -> Self {
        if error.kind == ErrorKind::LockTimeout {
            return Self::pinned(
                error,
                "nothing was changed; the next run waits for that work, which is not begun twice, and not lost if it ends \
                 well",
            );
        }
        Self::driver(target, error)
    }

    /// A transaction of a run that is gone still has the fence.
    fn pinned(error: &DriverError, help: &str) -> Self {
        let words = format!("the lock cannot be had yet: {}", error.message);
        let mut waited = Diagnostic::error("DBVC4015", words);
        waited.notes.extend(error.notes.iter().cloned());
        Self::one(ExitClass::LockHeld, waited.help(help))
    }

    pub(super) fn step(failure: StepFailure) -> Self {
        let exit = match failure.class {
            FailureClass::RolledBack => ExitClass::RolledBack,
            FailureClass::Partial => ExitClass::Partial,
            FailureClass::Cancelled => ExitClass::Cancelled,
            FailureClass::LockLost => ExitClass::LockHeld,
            FailureClass::Connection => ExitClass::Connection,
        };
        Self::one(exit, *failure.diagnostic)
    }
}

fn database(target: &Target, error: &DriverError) -> Diagnostic {
    let is_file =
        target.reveal_url().host_str().is_none_or(str::is_empty) && !target.options().contains_key("host");
    let (code, what, help) = match error.kind {
        ErrorKind::Unreachable if is_file => (
            "DBVC4001",
            format!("cannot open {target}"),
            "check the path; `dbvc config` shows where it came from",
        ),
        ErrorKind::Denied if is_file => (
            "DBVC4007",
            format!("{target} does not let itself be written"),
            "check the rights of the file and of its folder, and `mode` in the URL",
        ),
        kind => about(target, kind),
    };
    let mut diagnostic = Diagnostic::error(code, what).note(error.to_string());
    diagnostic.notes.extend(error.notes.iter().cloned());
    diagnostic.help(help)
}

/// What a kind of failure means for a database, and what to do about it.
fn about(target: &Target, kind: ErrorKind) -> (&'static str, String, &'static str) {
    match kind {
        ErrorKind::Unreachable => (
            "DBVC4001",
            format!("cannot reach {target}"),
            "check host and port (`dbvc config` shows where each setting came from) and that the server runs",
        ),
        ErrorKind::Unauthenticated => (
            "DBVC4004",
            format!("{target} refused the login"),
            "check user and password; `dbvc config` shows where each came from",
        ),
        ErrorKind::NoSuchDatabase => (
            "DBVC4005",
            format!("there is no database at {target}"),
            "check the database's name, or create it first: dbvc never creates a database on a server",
        ),
        ErrorKind::Tls => (
            "DBVC4006",
            format!("no secure connection to {target}"),
            "check the URL's options for TLS: `sslmode` and `sslrootcert`, for MySQL `ssl-mode` and `ssl-ca`, for \
             SQL Server `encrypt` and `tls_ca`",
        ),
        ErrorKind::Denied => (
            "DBVC4007",
            format!("{target} does not let this login do that"),
            "give the login the right that is missing",
        ),
        ErrorKind::ConnectionLost => (
            "DBVC4008",
            format!("the connection to {target} was lost"),
            "run the command again: it finds out what was done",
        ),
        ErrorKind::Resources => (
            "DBVC4010",
            format!("{target} has no room for that"),
            "make room on its disk, or free memory or connections, and run the command again",
        ),
        ErrorKind::LockLost => (
            "DBVC4009",
            "this run lost the lock".to_owned(),
            "`dbvc lock status` tells who holds it now",
        ),
        ErrorKind::TrailBroken => (
            "DBVC8010",
            format!("the audit trail in {target} cannot go on"),
            "put back what is gone or take out what was added, and see with `dbvc audit verify` that it is right; or begin a \
             new trail with `dbvc audit restart --reason TEXT`",
        ),
        ErrorKind::Cancelled => ("DBVC4003", "stopped".to_owned(), "run the command again to go on"),
        _ => (
            "DBVC4010",
            format!("{target} answered with an error"),
            "`dbvc -v` shows more",
        ),
    }
}

/// A fault of the project's files, as people are told.
pub(super) fn problem(problem: &Problem) -> Diagnostic {
    let label = match problem.at {
        Some(at) => Label::place(&problem.path, at, String::new()),
        None => Label::file(&problem.path),
    };
    let diagnostic = Diagnostic::error(problem.code, problem.message.clone()).label(label);
    match &problem.help {
        Some(help) => diagnostic.help(help.clone()),
        None => diagnostic,
    }
}
