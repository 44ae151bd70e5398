//! A session with a fault: how it runs statements and keeps the lock.

use async_trait::async_trait;
use dbvc_engine::driver::{
    Capabilities, Cause, CopyRows, Effect, Executor, Fence, Heard, Holder, Introspector, Lease, Limits,
    LockAttempt, LockRequest, LockStore, MESSAGE_BYTES, Outcome, Queued, Resolver, Rows, ServerInfo, Session,
    StatementSource, Unit,
};
use dbvc_engine::error::{ErrorKind, Position, Result};
use dbvc_engine::schema::SchemaOverview;
use dbvc_engine::sql::Statement;
use tokio_util::sync::CancellationToken;

use crate::fault::Fault;

/// A session of SQLite's that does one thing wrong.
#[derive(Debug)]
pub(crate) struct MutantSession {
    pub(crate) inner: Box<dyn Session>,
    pub(crate) fault: Option<Fault>,
}

impl MutantSession {
    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.fault == Some(fault)
    }

    /// The fence as it is now, where the mutant does not care.
    pub(crate) async fn fence(&mut self, fence: &Fence) -> Fence {
        if self.has(Fault::IgnoresTheFence)
            && let Ok(Some(holder)) = self.inner.holder(&fence.lock).await
        {
            return Fence {
                token: holder.token,
                ..fence.clone()
            };
        }
        fence.clone()
    }

    fn spoil(&self, statements: &[Statement], mut outcome: Outcome) -> Outcome {
        if self.has(Fault::CountsTwice) {
            outcome.rows *= 2;
        }
        if let Some(failure) = &mut outcome.failure {
            if self.has(Fault::BlamesTheFirst) {
                failure.statement = statements.first().cloned().map(Box::new);
            }
            if let Cause::Driver(error) = &mut failure.cause {
                if self.has(Fault::HasOneKind) {
                    error.kind = ErrorKind::Protocol;
                }
                if self.has(Fault::CountsFromOne)
                    && let Some(Position::Byte(at) | Position::Char(at)) = &mut error.position
                {
                    *at += 1;
                }
            }
        }
        outcome
    }
}

#[async_trait]
impl Executor for MutantSession {
    async fn begin(&mut self, fence: &Fence) -> Result<()> {
        let fence = self.fence(fence).await;
        self.inner.begin(&fence).await
    }

    async fn commit(&mut self) -> Result<()> {
        self.inner.commit().await
    }

    async fn rollback(&mut self) -> Result<()> {
        if self.has(Fault::CommitsInstead) {
            return self.inner.commit().await;
        }
        self.inner.rollback().await
    }

    async fn execute(&mut self, statements: &[Statement], limits: &Limits, heard: &mut dyn Heard) -> Outcome {
        let mut limits = limits.clone();
        if self.has(Fault::NeverStops) {
            limits.cancel = CancellationToken::new();
        }
        let outcome = self.inner.execute(statements, &limits, heard).await;
        if self.has(Fault::GoesOn) && outcome.failure.is_some() {
            let rest = statements
                .get(outcome.statements as usize + 1..)
                .unwrap_or_default();
            let _ = self.inner.execute(rest, &limits, heard).await;
        }
        self.spoil(statements, outcome)
    }

    async fn copy_in(&mut self, statement: &Statement, rows: &mut dyn CopyRows, limits: &Limits) -> Outcome {
        self.inner.copy_in(statement, rows, limits).await
    }

    async fn query(&mut self, sql: &str, limits: &Limits) -> Result<Rows> {
        if self.has(Fault::WritesInQueries) && !sql.starts_with("SELECT") {
            let statement = dbvc_engine::conformance::statement(sql);
            return match self.inner.execute(&[statement], limits, &mut Deaf).await.failure {
                None => Ok(Rows::default()),
                Some(_) => self.inner.query(sql, limits).await,
            };
        }
        self.inner.query(sql, limits).await
    }

    async fn apply(
        &mut self,
        unit: &Unit<'_>,
        source: &mut dyn StatementSource,
        limits: &Limits,
        heard: &mut dyn Heard,
    ) -> Outcome {
        if !self.has(Fault::AppliesByHalves) {
            return self.inner.apply(unit, source, limits, heard).await;
        }
        let mut total = Outcome::default();
        loop {
            match source.next_batch(MESSAGE_BYTES) {
                Ok(Some(batch)) => {
                    let part = self.inner.execute(&batch.statements, limits, heard).await;
                    if total.absorb(part) {
                        return total;
                    }
                }
                Ok(None) => return total,
                Err(error) => return total.stopped(None, error),
            }
        }
    }

    async fn apply_in_turn(&mut self, queue: &mut [Queued<'_>], heard: &mut dyn Heard) -> Vec<Outcome> {
        if self.has(Fault::TellsNothing) {
            return self.inner.apply_in_turn(queue, &mut Deaf).await;
        }
        let mut outcomes = Vec::new();
        let mut rest = queue;
        if self.has(Fault::IgnoresTheFence) {
            let fence = self.fence(rest[0].unit.fence).await;
            for queued in &mut *rest {
                let unit = Unit {
                    fence: &fence,
                    ..queued.unit
                };
                outcomes.push(
                    self.inner
                        .apply(&unit, queued.source.as_mut(), &queued.limits, heard)
                        .await,
                );
            }
            return outcomes;
        }
        while !rest.is_empty() {
            let tried = self.inner.apply_in_turn(rest, heard).await;
            rest = &mut rest[tried.len()..];
            if outcomes.is_empty() || !self.has(Fault::GoesOnInTurn) {
                outcomes = tried;
            }
            if !self.has(Fault::GoesOnInTurn) {
                break;
            }
        }
        outcomes
    }
}

struct Deaf;

impl Heard for Deaf {
    fn notice(&mut self, _: dbvc_engine::driver::Notice) {}
    fn progress(&mut self, _: u32) {}
}

#[async_trait]
impl LockStore for MutantSession {
    async fn try_lock(&mut self, request: &LockRequest) -> Result<LockAttempt> {
        let attempt = self.inner.try_lock(request).await;
        match attempt {
            Ok(LockAttempt::Held(holder)) if self.has(Fault::GivesAHeldLock) => {
                Ok(LockAttempt::Acquired(Lease {
                    fence: Fence {
                        lock: request.name.clone(),
                        token: holder.token,
                    },
                    run: request.owner.run,
                    ttl: request.ttl,
                    proven: true,
                    taken_from: None,
                }))
            }
            Ok(LockAttempt::Acquired(mut lease)) if self.has(Fault::KeepsTheFence) => {
                lease.fence.token = 1;
                Ok(LockAttempt::Acquired(lease))
            }
            other => other,
        }
    }

    async fn renew(&mut self, lease: &Lease) -> Result<()> {
        if self.has(Fault::RenewsAnything) {
            return Ok(());
        }
        self.inner.renew(lease).await
    }

    async fn unlock(&mut self, lease: &Lease) -> Result<()> {
        let token = self
            .inner
            .holder(&lease.fence.lock)
            .await?
            .map(|holder| holder.token);
        let mut lease = lease.clone();
        if self.has(Fault::KeepsTheFence) {
            lease.fence.token = token.unwrap_or(1);
        }
        self.inner.unlock(&lease).await
    }

    async fn holder(&mut self, name: &str) -> Result<Option<Holder>> {
        self.inner.holder(name).await
    }

    async fn break_lock(&mut self, name: &str, holder: &Holder) -> Result<bool> {
        if self.has(Fault::BreaksAnyone) {
            return Ok(true);
        }
        self.inner.break_lock(name, holder).await
    }
}

#[async_trait]
impl Introspector for MutantSession {
    async fn overview(&mut self) -> Result<Vec<SchemaOverview>> {
        let mut overview = self.inner.overview().await?;
        if self.has(Fault::CountsTheRecord) && self.inner.survey().await?.layout.is_some() {
            overview[0].tables += 7;
        }
        Ok(overview)
    }
}

#[async_trait]
impl Resolver for MutantSession {
    async fn effect(&mut self, statement: &Statement, session: Option<&str>) -> Result<Effect> {
        if self.has(Fault::SaysDone) {
            return Ok(Effect::Done("it will have been".into()));
        }
        self.inner.effect(statement, session).await
    }
}

#[async_trait]
impl Session for MutantSession {
    fn capabilities(&self) -> &Capabilities {
        self.inner.capabilities()
    }

    fn server(&self) -> &ServerInfo {
        self.inner.server()
    }

    async fn close(self: Box<Self>) -> Result<()> {
        self.inner.close().await
    }
}
