//! Lease, fence and the session's application lock.
//!
//! The lease row says who holds the lock and until when, by the server's clock; the fence row's number grows with each
//! holder. A unit's transaction shares an application lock (`sp_getapplock`) and locks the fence row for reading; a
//! take-over needs that lock for itself and writes that row, both without waiting: so no take-over happens inside an open
//! transaction. A lock of the session's proves that the keeper lives. It is asked for without waiting, it never decides
//! who holds the lock, and it ends with its connection.

use async_trait::async_trait;
use dbvc_engine::driver::{Holder, Lease, LockAttempt, LockRequest, LockStore, Rows};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::lock::{self, Held, LockSteps, Taking};
use dbvc_engine::record::SqlRecord as _;
use uuid::Uuid;

use crate::message::{self, batch};
use crate::record::{native_name, unit_name};
use crate::session::{MsSqlSession, OWN_WAIT};

impl MsSqlSession {
    fn native(&self, name: &str) -> String {
        native_name(self.record.location(), name)
    }

    /// What takes the fence for a take-over: others may neither write nor take meanwhile. A lock for reading would let
    /// readers in.
    fn taking(&mut self, name: &str, makes_fence: bool) -> Vec<String> {
        let mut parts = vec![self.unhindered(), message::ROLLBACK.into()];
        parts.extend(self.wait_for_locks(0));
        parts.push("BEGIN TRANSACTION".into());
        let unit = unit_name(self.record.location());
        parts.push(message::get_lock(&unit, "Exclusive", "Transaction"));
        parts.push(message::check_had(&unit));
        if makes_fence {
            // Not before: two that begin together would both find none.
            parts.push(self.record.make_fence(name));
        }
        parts.push(format!(
            "UPDATE {} SET token = token WHERE lock_name = {}",
            self.record.table("migration_fences"),
            self.record.text(name)
        ));
        parts.push(self.record.holder_of(name));
        parts
    }

    /// Ends a transaction of the lock's, after which statements wait for locks as they did before.
    fn ended(&mut self, mut parts: Vec<String>) -> String {
        parts.push("COMMIT".into());
        parts.extend(self.wait_for_locks(OWN_WAIT));
        batch(&parts)
    }
}

fn was_had(answers: &[Rows]) -> bool {
    let code = answers
        .last()
        .and_then(|rows| rows.cells.first()?.first()?.as_deref()?.parse::<i32>().ok());
    code.is_some_and(|code| code >= 0)
}

#[async_trait]
impl LockSteps for MsSqlSession {
    async fn look(&mut self, name: &str) -> Result<(Option<Holder>, bool)> {
        let mut statements: Vec<String> = self.wait_for_locks(OWN_WAIT).into_iter().collect();
        statements.extend([self.record.holder_of(name), self.record.token(name)]);
        let answers = self.read_record(&statements, Operation::Lock).await?;
        let (holder, fence) = answers.split_at(answers.len().min(1));
        Ok((
            self.record.read_holder(holder)?,
            self.record.read_token(fence)?.is_some(),
        ))
    }

    async fn take(&mut self, name: &str, taking: Taking) -> Result<Held> {
        let mut parts = self.taking(name, taking.makes_fence);
        if taking.proves {
            parts.push(message::ask_lock(&self.native(name)));
        }
        let answers = self.run_transaction(Operation::Lock, &batch(&parts)).await?;
        let (holder, native) = answers.split_at(answers.len().min(1));
        Ok(Held {
            holder: self.record.read_holder(holder)?,
            proven: was_had(native),
        })
    }

    async fn hold(&mut self, request: &LockRequest, proven: bool) -> Result<Option<u64>> {
        let name = request.name.as_str();
        let sql = self.ended(vec![
            self.record.move_fence(name),
            self.record.hold(request, true, proven),
            self.record.token(name),
        ]);
        let answers = self.run_transaction(Operation::Lock, &sql).await?;
        self.proven = proven;
        self.record.read_token(&answers)
    }

    async fn end(&mut self, name: &str, run: Uuid) -> Result<()> {
        let sql = self.ended(vec![self.record.move_fence(name), self.record.release(name, run)]);
        self.run_transaction(Operation::Lock, &sql).await.map(drop)
    }

    async fn take_back(&mut self) {
        self.give_up().await;
    }

    async fn unprove(&mut self, name: &str) -> Result<()> {
        let sql = message::release_lock(&self.native(name));
        self.run(Operation::Lock, &sql).await.map(drop)
    }

    fn sessions(&self) -> &'static str {
        "`EXEC sp_who2` shows the sessions, `KILL n` ends one"
    }
}

#[async_trait]
impl LockStore for MsSqlSession {
    async fn try_lock(&mut self, request: &LockRequest) -> Result<LockAttempt> {
        self.check_access(Operation::Lock)?;
        lock::try_lock(self, request).await
    }

    async fn renew(&mut self, lease: &Lease) -> Result<()> {
        let name = lease.fence.lock.as_str();
        let mine = format!(
            "lock_name = {} AND run_id = {}",
            self.record.text(name),
            self.record.text(&lease.run.to_string())
        );
        let locks = self.record.table("migration_locks");
        let mut parts: Vec<String> = self.wait_for_locks(OWN_WAIT).into_iter().collect();
        parts.extend(["BEGIN TRANSACTION".to_owned(), self.check_fence(&lease.fence)]);
        parts.push(self.record.renew(name, lease.run, lease.ttl));
        if !self.proven {
            // A new connection of the keeper's: the native lock went with the old one.
            let native = message::literal(&self.native(name));
            parts.push(message::get_lock(&self.native(name), "Exclusive", "Session"));
            parts.push(format!(
                "UPDATE {locks} SET proven = CASE WHEN APPLOCK_MODE(N'public', {native}, N'Session') = N'Exclusive' \
                 THEN 1 ELSE 0 END, session_id = {} WHERE {mine}",
                crate::record::SESSION
            ));
        }
        parts.push(format!("SELECT proven FROM {locks} WHERE {mine}"));
        parts.push("COMMIT".into());
        let answers = self.run_transaction(Operation::Lock, &batch(&parts)).await?;
        let proven = answers
            .last()
            .and_then(|rows| rows.cells.first()?.first()?.clone());
        let Some(proven) = proven else {
            self.unprove(name).await?;
            return Err(DriverError::new(
                ErrorKind::LockLost,
                Operation::Lock,
                "another run holds the lock now",
            ));
        };
        // While another session has the proof, such as one whose lock was broken and that is not gone yet, it is tried
        // again with each renewal.
        self.proven = proven == "1";
        Ok(())
    }

    async fn unlock(&mut self, lease: &Lease) -> Result<()> {
        let name = lease.fence.lock.as_str();
        self.proven = false;
        let sql = batch(&[
            self.record.release(name, lease.run),
            message::release_lock(&self.native(name)),
        ]);
        self.run(Operation::Lock, &sql).await.map(drop)
    }

    async fn holder(&mut self, name: &str) -> Result<Option<Holder>> {
        lock::holder(self, name).await
    }

    async fn break_lock(&mut self, name: &str, holder: &Holder) -> Result<bool> {
        self.check_access(Operation::Lock)?;
        lock::break_lock(self, name, holder).await
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_native_lock_was_had_from_zero_on() {
        let answer = |code: &str| {
            vec![Rows {
                columns: Vec::new(),
                cells: vec![vec![Some(code.to_owned())]],
            }]
        };
        assert!(was_had(&answer("0")));
        assert!(was_had(&answer("1")));
        for refused in ["-1", "-2", "-3", "-999", "x"] {
            assert!(!was_had(&answer(refused)), "{refused}");
        }
        assert!(!was_had(&[]));
    }
}
