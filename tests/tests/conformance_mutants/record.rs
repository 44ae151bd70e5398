//! A session with a fault: how it keeps the record.

use async_trait::async_trait;
use dbvc_engine::driver::{
    End, Execution, ExecutionFilter, Fence, HistoryStore, Identity, NewExecution, NewSnapshot, Progress,
    Registration, Snapshot, SnapshotChoice, SnapshotEntry, Survey,
};
use dbvc_engine::error::Result;

use crate::fault::Fault;
use crate::session::MutantSession;

#[async_trait]
impl HistoryStore for MutantSession {
    async fn survey(&mut self) -> Result<Survey> {
        let survey = self.inner.survey().await?;
        if self.has(Fault::InstallsWhenAsked) && survey.layout.is_none() {
            let identity = Identity {
                database: String::new(),
                environment: String::new(),
                tool_version: String::new(),
            };
            self.inner.install(&identity).await?;
        }
        Ok(survey)
    }

    async fn install(&mut self, identity: &Identity) -> Result<()> {
        self.inner.install(identity).await
    }

    async fn executions(&mut self, filter: &ExecutionFilter) -> Result<Vec<Execution>> {
        if self.has(Fault::LimitsFromTheFront)
            && let Some(limit) = filter.limit
        {
            let all = ExecutionFilter {
                limit: None,
                ..filter.clone()
            };
            let mut executions = self.inner.executions(&all).await?;
            executions.truncate(limit as usize);
            return Ok(executions);
        }
        self.inner.executions(filter).await
    }

    async fn registration(&mut self, migration: &str) -> Result<Option<Registration>> {
        self.inner.registration(migration).await
    }

    async fn start(&mut self, fence: &Fence, execution: &NewExecution, progress: &Progress) -> Result<u64> {
        let fence = self.fence(fence).await;
        self.inner.start(&fence, execution, progress).await
    }

    async fn advance(&mut self, fence: &Fence, rank: u64, progress: &Progress) -> Result<()> {
        let fence = self.fence(fence).await;
        self.inner.advance(&fence, rank, progress).await
    }

    async fn finish(&mut self, fence: &Fence, rank: u64, end: &End) -> Result<()> {
        let fence = self.fence(fence).await;
        self.inner.finish(&fence, rank, end).await
    }

    async fn record(&mut self, fence: &Fence, execution: &NewExecution, end: &End) -> Result<()> {
        let fence = self.fence(fence).await;
        let mut execution = execution.clone();
        if self.has(Fault::ForgetsTheReason) {
            execution.reason = None;
        }
        if self.has(Fault::EscapesTwice) {
            execution.description = execution.description.replace('\\', "\\\\");
        }
        self.inner.record(&fence, &execution, end).await
    }
    async fn keep_snapshot(&mut self, fence: &Fence, snapshot: &NewSnapshot) -> Result<u64> {
        let fence = self.fence(fence).await;
        let mut snapshot = snapshot.clone();
        if self.has(Fault::ForgetsTheReason) {
            snapshot.reason = None;
        }
        self.inner.keep_snapshot(&fence, &snapshot).await
    }

    async fn snapshots(&mut self) -> Result<Vec<SnapshotEntry>> {
        self.inner.snapshots().await
    }

    async fn snapshot(&mut self, choice: &SnapshotChoice) -> Result<Option<Snapshot>> {
        if self.has(Fault::LimitsFromTheFront) && *choice == SnapshotChoice::Newest {
            let first = self.inner.snapshots().await?.into_iter().next();
            let version = first.and_then(|entry| entry.version).unwrap_or_default();
            return self.inner.snapshot(&SnapshotChoice::Version(version)).await;
        }
        self.inner.snapshot(choice).await
    }
}
