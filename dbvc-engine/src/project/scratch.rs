//! Scratch databases: where a project's files are tried out, beside the database that they are for.

use uuid::Uuid;

use super::audit::AuditSettings;
use super::opening::cancelled;
use super::{Context, ExitClass, Failed, Policy, Settings};
use crate::diagnostic::Diagnostic;
use crate::driver::{Access, Scratch};
use crate::error::{DriverError, ErrorKind};
use crate::observe::{Event, Observer, Silent};

/// A scratch database, and how to work on it. [`Scratched::end`] drops it; whoever forgets that leaves it behind for the
/// next run.
pub struct Scratched<'a> {
    scratch: Box<dyn Scratch>,
    context: Context<'static>,
    observer: &'a dyn Observer,
}

impl std::fmt::Debug for Scratched<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Scratched")
            .field("scratch", &self.scratch)
            .finish_non_exhaustive()
    }
}

impl Context<'_> {
    /// Makes an empty database beside this one, or where the settings say. Leftovers of killed runs are dropped.
    pub async fn scratch(&self) -> Result<Scratched<'_>, Failed> {
        let target = self.target(Access::ReadWrite);
        // Not given up half-way, where a database without its mark would be left: nobody could drop that.
        let made = self.driver.scratch(&target, self.settings.scratch.as_ref()).await;
        let scratch = made.map_err(|error| self.no_scratch(&error))?;
        let scratched = Scratched {
            context: Context {
                driver: self.driver.clone(),
                target: scratch.target().clone().standing_for(&self.target),
                settings: Settings {
                    // What an environment demands of a real database.
                    policy: Policy::default(),
                    // What happens to a database that is dropped again is nobody's history.
                    audit: AuditSettings::default(),
                    ..self.settings.clone()
                },
                observer: &Silent,
                cancel: self.cancel.clone(),
                actor: self.actor.clone(),
                pid: self.pid,
                run: Uuid::now_v7(),
                tool_version: self.tool_version.clone(),
                reason: self.reason.clone(),
            },
            scratch,
            observer: self.observer,
        };
        if self.cancel.is_cancelled() {
            return scratched.end(Err(cancelled())).await;
        }
        Ok(scratched)
    }

    fn no_scratch(&self, error: &DriverError) -> Failed {
        let place = self.settings.scratch.as_ref().unwrap_or(&self.target);
        if !matches!(error.kind, ErrorKind::Denied | ErrorKind::Unsupported) {
            return Failed::driver(place, error);
        }
        let mut problem =
            Diagnostic::error("DBVC8101", format!("no scratch database can be made at {place}"))
                .note(error.to_string());
        problem.notes.extend(error.notes.iter().cloned());
        if error.kind == ErrorKind::Denied {
            problem = problem
                .help("give the login that right; dbvc drops the databases that it makes, and no other")
                .help(format!(
                    "or write `scratch = \"URL\"` below [environments.{}]: a login, or a server, where they may be made",
                    self.settings.environment
                ));
        }
        Failed::one(ExitClass::Connection, problem)
    }
}

impl Scratched<'_> {
    /// The context of a use case on the scratch database: the same files, placeholders and limits; nothing is demanded of
    /// them, and nobody is told what happens.
    pub fn context(&self) -> &Context<'static> {
        &self.context
    }

    /// Drops the database, whatever became of the work, and gives that back. One that cannot be dropped is told as a
    /// warning: the next run tries again.
    pub async fn end<T>(self, worked: Result<T, Failed>) -> Result<T, Failed> {
        let name = self.scratch.target().database_name();
        if let Err(error) = self.scratch.remove().await {
            let warning = Diagnostic::warning(
                "DBVC8102",
                format!("the scratch database {name} could not be dropped: {error}"),
            )
            .help("nothing to do: the next run that makes a scratch database there drops it");
            self.observer.on(&Event::Diagnostic(&warning));
        }
        worked
    }
}
