//! What one rule finds: an empty sink, and chains to put into it.

use std::sync::Arc;

use super::harness::{SinkHarness, SinkScratch};
use crate::audit::{AuditDriver, AuditEvent, AuditSink, Sealed, SinkTarget, sample};
use crate::conformance::rule::Stop;
use crate::error::DriverError;

/// One rule's surroundings.
pub struct SinkWorld {
    pub(super) harness: Arc<dyn SinkHarness>,
    pub(super) driver: Arc<dyn AuditDriver>,
    scratch: SinkScratch,
}

impl std::fmt::Debug for SinkWorld {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("SinkWorld")
            .field("scratch", &self.scratch)
            .finish_non_exhaustive()
    }
}

impl SinkWorld {
    /// Gets an empty sink.
    pub async fn open(harness: Arc<dyn SinkHarness>) -> Result<Self, Stop> {
        let scratch = harness
            .fresh()
            .await
            .map_err(|reason| Stop::Unavailable(reason.0))?;
        Ok(Self {
            driver: harness.driver(),
            harness,
            scratch,
        })
    }

    pub(super) fn target(&self) -> &SinkTarget {
        &self.scratch.target
    }

    /// An open sink with all that it needs.
    pub(super) async fn sink(&self) -> Result<Box<dyn AuditSink>, DriverError> {
        self.driver.provision(self.target()).await?;
        self.again().await
    }

    /// The same sink, opened once more.
    pub(super) async fn again(&self) -> Result<Box<dyn AuditSink>, DriverError> {
        self.driver.open(self.target()).await
    }
}

/// A chain of events about a database, for tests.
pub fn chain(database: &str, length: u64) -> Vec<Sealed> {
    sample::chain_with(database, length, |_| {})
}

/// A chain of other events: it differs in each.
pub(super) fn chain_with(database: &str, length: u64, change: impl FnMut(&mut AuditEvent)) -> Vec<Sealed> {
    sample::chain_with(database, length, change)
}

/// All events of a chain, in pages.
pub(super) async fn all(sink: &mut dyn AuditSink, database: &str) -> Result<Vec<Sealed>, Stop> {
    const PAGE: usize = 400;
    let mut found: Vec<Sealed> = Vec::new();
    loop {
        let after = match found.last() {
            Some(last) => last.event().map_err(Stop::broken)?.sequence,
            None => 0,
        };
        let page = sink.read(database, after, PAGE).await?;
        let ended = page.len() < PAGE;
        found.extend(page);
        if ended {
            return Ok(found);
        }
    }
}
