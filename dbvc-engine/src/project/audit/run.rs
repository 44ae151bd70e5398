//! What a run does for its trail: before it begins the sinks that it must not be without are asked, and when it has
//! ended its events are signed and shipped.

use super::ship::{ShipReport, open, with_sinks, within};
use super::{OnSinkFailure, SinkReport};
use crate::diagnostic::Diagnostic;
use crate::driver::{Access, Fence};
use crate::error::DriverError;
use crate::execute::RunReport;
use crate::observe::Event;
use crate::project::{Context, ExitClass, Failed};

impl Context<'_> {
    /// Refuses where a sink is away without which no run is to be.
    pub(in crate::project) async fn sinks_answer(&self) -> Result<(), Failed> {
        let sinks = self.settings.audit.sinks.iter();
        for settings in sinks.filter(|sink| sink.on_failure == OnSinkFailure::Block) {
            let asked = async {
                let mut sink = open(settings).await?;
                within(super::ship::PATIENCE, sink.head("")).await?;
                sink.close().await
            };
            if let Err(error) = asked.await {
                let mut away = Diagnostic::error(
                    "DBVC8001",
                    format!("the audit trail's sink {} is away", settings.target.name),
                )
                .note(error.to_string())
                .note("this environment demands that it is there; nothing was changed");
                away.notes.extend(error.notes.iter().cloned());
                let away = away.help("run again when it is back, or set `on_failure = \"spool\"` for it: the events are kept in the database until they are shipped");
                return Err(Failed::one(ExitClass::AuditUnavailable, away));
            }
        }
        Ok(())
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
                .help("sign them with `dbvc audit flush`");
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
                for diagnostic in &failed.diagnostics {
                    self.observer.on(&Event::Diagnostic(diagnostic));
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

fn warnings(shipped: &ShipReport, failed: bool) -> Vec<Diagnostic> {
    let told = |sink: &&SinkReport| {
        sink.on_failure == OnSinkFailure::Warn || (failed && sink.on_failure == OnSinkFailure::Block)
    };
    let mut warnings = unshipped(shipped.failed().filter(told));
    for warning in &mut warnings {
        warning.severity = crate::diagnostic::Severity::Warning;
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
            warning.severity = crate::diagnostic::Severity::Warning;
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
            Diagnostic::error("DBVC8001", format!("{what} to {}", sink.sink))
                .note(sink.failure.clone().unwrap_or_default())
                .note("what was done is recorded; the events are kept in the database")
                .help("ship them with `dbvc audit flush`; the next run does so, too")
        })
        .collect()
}
