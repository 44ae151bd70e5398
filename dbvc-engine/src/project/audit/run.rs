//! What a run does for its trail: before it begins the sinks that it must not be without are asked, and when it has
//! ended its events are signed and shipped.

use super::chains::{check_pin, may_begin};
use super::patience::{goodbye, open};
use super::ship::{ShipReport, same_past, with_sinks};
use super::{OnSinkFailure, SinkReport, SinkSettings};
use crate::diagnostic::{Diagnostic, Severity};
use crate::driver::{Access, ChainHead, Fence, Session};
use crate::error::{DriverError, ErrorKind};
use crate::execute::RunReport;
use crate::observe::Event;
use crate::project::{Context, ExitClass, Failed};

impl Context<'_> {
    /// Refuses where a sink without which nothing is to be written is away, or has another past than the database. Asked
    /// before anything is written to the record, or the record is made.
    pub(in crate::project) async fn sinks_answer(&self, session: &mut dyn Session) -> Result<(), Failed> {
        let sinks = self.settings.audit.sinks.iter();
        let mut blocking = sinks
            .filter(|sink| sink.on_failure == OnSinkFailure::Block)
            .peekable();
        if blocking.peek().is_none() {
            return Ok(());
        }
        let failed = |error: DriverError| Failed::driver(&self.target, &error);
        let head = session.chain_head().await.map_err(failed)?;
        if let Some(head) = &head {
            self.chain_is_the_one(head)?;
        }
        for settings in blocking {
            if let Err(error) = answers((&mut *session, self.names()), head.as_ref(), settings).await {
                return Err(Failed::one(
                    ExitClass::AuditUnavailable,
                    unanswered(settings, &error),
                ));
            }
        }
        Ok(())
    }

    /// Refuses another chain than the one that the settings name.
    pub(super) fn chain_is_the_one(&self, head: &ChainHead) -> Result<(), Failed> {
        check_pin(self.settings.audit.database_id.as_deref(), head).map_err(|error| {
            let mut told = Diagnostic::error("DBVC8020", error.message);
            told.notes = error.notes;
            let told = told
                .help("`dbvc audit verify` says more; if it was begun anew on purpose, correct the settings");
            Failed::one(ExitClass::AuditUnavailable, told)
        })
    }

    /// Signs and ships what a command told by the way. What goes wrong with that is a warning.
    pub(in crate::project) async fn ship_or_warn(&self) {
        if self.settings.audit.sinks.is_empty() {
            return;
        }
        let told = match super::flush(self).await {
            Ok(shipped) => warnings(&shipped, true),
            Err(failed) => failed.diagnostics,
        };
        for mut diagnostic in told {
            diagnostic.severity = Severity::Warning;
            self.observer.on(&Event::Diagnostic(&diagnostic));
        }
    }

    /// Signs what is unsigned, under the run's lock. What cannot be signed now is signed by the next run.
    pub(in crate::project) async fn sign_run(&self, fence: &Fence) {
        if self.settings.audit.signing_key.is_none() {
            return;
        }
        let signed: Result<(), DriverError> = async {
            let target = self.target(Access::ReadWrite);
            let mut session = self.driver.connect(&target).await?;
            super::sign::sign_all(session.as_mut(), fence, self, false).await?;
            session.close().await
        }
        .await;
        if let Err(error) = signed {
            let warning = Diagnostic::warning("DBVC8005", "the run's audit events could not be signed")
                .note(error.to_string())
                .help("see with `dbvc audit verify` what is wrong; then sign them with `dbvc audit flush`");
            self.observer.on(&Event::Diagnostic(&warning));
        }
    }

    /// Ships what a run has told. A run that ended badly ends as it did; one that ended well ends badly where a sink
    /// lacks events without which no run is to be.
    pub(in crate::project) async fn ship_run(&self, ran: RunReport) -> Result<RunReport, Failed> {
        if self.settings.audit.sinks.is_empty() {
            return Ok(ran);
        }
        let shipped = match with_sinks(self, true).await {
            Ok(shipped) => shipped,
            Err(failed) if self.blocks() && ran.failure.is_none() => {
                return Err(Failed {
                    exit: ExitClass::AuditUnavailable,
                    steps: ran.steps,
                    ..failed
                });
            }
            Err(failed) => {
                for mut diagnostic in failed.diagnostics {
                    diagnostic.severity = Severity::Warning;
                    self.observer.on(&Event::Diagnostic(&diagnostic));
                }
                return Ok(ran);
            }
        };
        let blocking = unshipped(shipped.blocking());
        for diagnostic in warnings(&shipped, ran.failure.is_some()) {
            self.observer.on(&Event::Diagnostic(&diagnostic));
        }
        if blocking.is_empty() || ran.failure.is_some() {
            return Ok(ran);
        }
        Err(Failed {
            exit: ExitClass::AuditUnavailable,
            diagnostics: blocking,
            steps: ran.steps,
        })
    }

    fn blocks(&self) -> bool {
        let mut sinks = self.settings.audit.sinks.iter();
        sinks.any(|sink| sink.on_failure == OnSinkFailure::Block)
    }
}

/// Asks one sink for its end of the chain, and whether that is a part of the database's; where it has none of it, whether
/// it has another chain of the same database.
async fn answers(
    (session, names): (&mut dyn Session, (&str, &str)),
    head: Option<&ChainHead>,
    settings: &SinkSettings,
) -> Result<(), DriverError> {
    let chain = head.map_or("", |head| head.database_id.as_str());
    let mut sink = open(settings).await?;
    let theirs = match head {
        Some(_) => sink.head(chain).await,
        None => Ok(None),
    };
    let begins = match &theirs {
        Ok(None) => may_begin(session, names, head, sink.as_mut()).await,
        _ => Ok(()),
    };
    goodbye(sink).await;
    begins?;
    let (Some(head), Some(theirs)) = (head, theirs?) else {
        return Ok(());
    };
    same_past(session, head, &theirs).await
}

fn unanswered(settings: &SinkSettings, error: &DriverError) -> Diagnostic {
    let name = &settings.target.name;
    let demanded = "this environment demands that it is there; nothing was changed";
    let mut told = if error.kind == ErrorKind::Conflict {
        Diagnostic::error(
            "DBVC8020",
            format!("the audit trail's sink {name} has another past than the database"),
        )
        .note(error.to_string())
        .note("this environment demands that both agree; nothing was changed")
        .help("`dbvc audit verify` says which events differ and how")
    } else {
        Diagnostic::error("DBVC8001", format!("the audit trail's sink {name} is away"))
            .note(error.to_string())
            .note(demanded)
            .help("run again when it is back, or set `on_failure = \"spool\"` for it: the events are kept in the database until they are shipped")
    };
    told.notes.extend(error.notes.iter().cloned());
    told
}

fn warnings(shipped: &ShipReport, failed: bool) -> Vec<Diagnostic> {
    let told = |sink: &&SinkReport| {
        sink.on_failure == OnSinkFailure::Warn || (failed && sink.on_failure == OnSinkFailure::Block)
    };
    let mut warnings = unshipped(shipped.failed().filter(told));
    for warning in &mut warnings {
        warning.severity = Severity::Warning;
    }
    warnings
}

impl ShipReport {
    /// What people are told of sinks that do not have all: an error where a run is not to be without one, a warning where
    /// its policy is to warn.
    pub fn trouble(&self) -> Vec<Diagnostic> {
        let mut told = unshipped(self.blocking());
        let warn = self
            .failed()
            .filter(|sink| sink.on_failure == OnSinkFailure::Warn);
        told.extend(unshipped(warn).into_iter().map(|mut warning| {
            warning.severity = Severity::Warning;
            warning
        }));
        told
    }
}

fn unshipped<'a>(sinks: impl Iterator<Item = &'a SinkReport>) -> Vec<Diagnostic> {
    sinks
        .map(|sink| {
            let what = match sink.waiting {
                0 => "the registry and the snapshots could not be copied".to_owned(),
                1 => "1 audit event could not be shipped".to_owned(),
                more => format!("{more} audit events could not be shipped"),
            };
            let name = &sink.sink;
            let told = if sink.failure_kind == Some(ErrorKind::Conflict) {
                Diagnostic::error("DBVC8020", format!("{what} to {name}, which has another past than the database"))
                    .help("`dbvc audit verify` says which events differ and how; after a restore `dbvc audit restart --reason TEXT` begins a chain that says so")
            } else {
                Diagnostic::error("DBVC8001", format!("{what} to {name}"))
                    .help("ship them with `dbvc audit flush`; the next run does so, too")
            };
            told.note(sink.failure.clone().unwrap_or_default())
                .note("what was done is recorded; the events are kept in the database")
        })
        .collect()
}
