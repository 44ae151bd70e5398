//! A session that cannot change anything.

use std::collections::BTreeMap;

use async_trait::async_trait;

use crate::driver::{
    Capabilities, ChainFilter, ChainHead, ChainRow, CopyRows, Draft, Effect, End, Execution, ExecutionFilter,
    Executor, Fence, Heard, HistoryStore, Holder, Identity, Introspector, LastChange, Lease, Limits,
    LockAttempt, LockRequest, LockStore, NewChain, NewExecution, NewSnapshot, Outcome, Progress, RecordView,
    Registered, Registration, Resolver, Rows, ServerInfo, Session, Snapshot, SnapshotChoice, SnapshotEntry,
    StatementSource, Survey, Unit,
};
use crate::error::{DriverError, Operation, Result};
use crate::schema::{Database, ObjectKey, SchemaOverview};
use crate::sql::Statement;

/// Reads through the session within and refuses every write without sending it. `status`, dry runs and everything
/// else that only looks works on one of these, so that no mistake of ours can write.
#[derive(Debug)]
pub struct ReadOnly(Box<dyn Session>);

impl ReadOnly {
    /// Wraps a session.
    pub fn new(session: Box<dyn Session>) -> Self {
        Self(session)
    }
}

fn refuse<T>(operation: Operation) -> Result<T> {
    Err(refusal(operation))
}

fn refusal(operation: Operation) -> DriverError {
    DriverError::unsupported(operation, "this session only reads")
}

#[async_trait]
impl Executor for ReadOnly {
    async fn begin(&mut self, _fence: &Fence) -> Result<()> {
        refuse(Operation::Transaction)
    }

    async fn commit(&mut self) -> Result<()> {
        refuse(Operation::Transaction)
    }

    async fn rollback(&mut self) -> Result<()> {
        refuse(Operation::Transaction)
    }

    async fn execute(&mut self, _: &[Statement], _: &Limits, _: &mut dyn Heard) -> Outcome {
        Outcome::default().stopped(None, refusal(Operation::Execute))
    }

    async fn copy_in(&mut self, _: &Statement, _: &mut dyn CopyRows, _: &Limits) -> Outcome {
        Outcome::default().stopped(None, refusal(Operation::Execute))
    }

    async fn query(&mut self, sql: &str, limits: &Limits) -> Result<Rows> {
        self.0.query(sql, limits).await
    }

    async fn apply(
        &mut self,
        _: &Unit<'_>,
        _: &mut dyn StatementSource,
        _: &Limits,
        _: &mut dyn Heard,
    ) -> Outcome {
        Outcome::default().stopped(None, refusal(Operation::Execute))
    }
}

#[async_trait]
impl HistoryStore for ReadOnly {
    async fn survey(&mut self) -> Result<Survey> {
        self.0.survey().await
    }

    async fn install(&mut self, _: &Identity) -> Result<()> {
        refuse(Operation::Install)
    }

    async fn executions(&mut self, filter: &ExecutionFilter) -> Result<Vec<Execution>> {
        self.0.executions(filter).await
    }

    async fn registration(&mut self, migration: &str) -> Result<Option<Registration>> {
        self.0.registration(migration).await
    }

    async fn start(&mut self, _: &Fence, _: &NewExecution, _: &Progress) -> Result<u64> {
        refuse(Operation::Record)
    }

    async fn advance(&mut self, _: &Fence, _: u64, _: &Progress) -> Result<()> {
        refuse(Operation::Record)
    }

    async fn finish(&mut self, _: &Fence, _: u64, _: &End) -> Result<()> {
        refuse(Operation::Record)
    }

    async fn record(&mut self, _: &Fence, _: &NewExecution, _: &End) -> Result<()> {
        refuse(Operation::Record)
    }

    async fn keep_snapshot(&mut self, _: &Fence, _: &NewSnapshot) -> Result<u64> {
        refuse(Operation::Record)
    }

    async fn snapshots(&mut self) -> Result<Vec<SnapshotEntry>> {
        self.0.snapshots().await
    }

    async fn snapshot(&mut self, choice: &SnapshotChoice) -> Result<Option<Snapshot>> {
        self.0.snapshot(choice).await
    }

    async fn append(&mut self, _: &Fence, _: &[Draft]) -> Result<()> {
        refuse(Operation::Record)
    }

    async fn chain_head(&mut self) -> Result<Option<ChainHead>> {
        self.0.chain_head().await
    }

    async fn chain(&mut self, filter: &ChainFilter) -> Result<Vec<ChainRow>> {
        self.0.chain(filter).await
    }

    async fn registry(&mut self) -> Result<Vec<Registered>> {
        self.0.registry().await
    }

    async fn record_view(&mut self) -> Result<RecordView> {
        self.0.record_view().await
    }

    async fn last_signed(&mut self) -> Result<Option<ChainRow>> {
        self.0.last_signed().await
    }

    async fn begin_chain(&mut self, _: &Fence, _: &NewChain) -> Result<()> {
        refuse(Operation::Record)
    }

    async fn sign(&mut self, _: &Fence, _: &[(u64, String)]) -> Result<()> {
        refuse(Operation::Record)
    }
}

#[async_trait]
impl LockStore for ReadOnly {
    async fn try_lock(&mut self, _: &LockRequest) -> Result<LockAttempt> {
        refuse(Operation::Lock)
    }

    async fn renew(&mut self, _: &Lease) -> Result<()> {
        refuse(Operation::Lock)
    }

    async fn unlock(&mut self, _: &Lease) -> Result<()> {
        refuse(Operation::Lock)
    }

    async fn holder(&mut self, name: &str) -> Result<Option<Holder>> {
        self.0.holder(name).await
    }

    async fn break_lock(&mut self, _: &str, _: &Holder) -> Result<bool> {
        refuse(Operation::Lock)
    }
}

#[async_trait]
impl Introspector for ReadOnly {
    async fn overview(&mut self) -> Result<Vec<SchemaOverview>> {
        self.0.overview().await
    }

    async fn introspect(&mut self) -> Result<Database> {
        self.0.introspect().await
    }

    async fn last_changes(&mut self, objects: &[ObjectKey]) -> Result<BTreeMap<ObjectKey, LastChange>> {
        self.0.last_changes(objects).await
    }
}

#[async_trait]
impl Resolver for ReadOnly {
    async fn effect(&mut self, statement: &Statement, session: Option<&str>) -> Result<Effect> {
        self.0.effect(statement, session).await
    }

    async fn at_work(&mut self) -> Result<Option<String>> {
        self.0.at_work().await
    }
}

#[async_trait]
impl Session for ReadOnly {
    fn capabilities(&self) -> &Capabilities {
        self.0.capabilities()
    }

    fn server(&self) -> &ServerInfo {
        self.0.server()
    }

    async fn close(self: Box<Self>) -> Result<()> {
        self.0.close().await
    }
}
