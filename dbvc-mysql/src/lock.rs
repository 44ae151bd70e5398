//! Lease, fence and native lock.
//!
//! The lease row says who holds the lock and until when, by the server's clock; the fence row's number grows with each
//! holder. A transaction that writes locks the fence row for sharing, and a take-over needs it for itself without
//! waiting: so no take-over happens inside an open transaction. A lock of the server's (`GET_LOCK`) proves that the
//! keeper lives. It is asked for without waiting, it never decides who holds the lock, and it ends with its connection:
//! a connection of one's own, never one of a pool, which would reset it and so give the lock away.

use async_trait::async_trait;
use dbvc_engine::driver::{Holder, Lease, LockAttempt, LockRequest, LockStore, Rows};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::lock::{self, Held, LockSteps, Taking};
use dbvc_engine::record::SqlRecord as _;
use uuid::Uuid;

use crate::flavour::Flavour;
use crate::message::{Message, Part};
use crate::record::native_name;
use crate::session::MySqlSession;

impl MySqlSession {
    /// The native lock's name, as an expression.
    fn native(&self, name: &str) -> String {
        native_name(self.record.location(), &self.record.text(name))
    }

    /// Whether such a lock proves that its holder lives. `TiDB` has them for the whole cluster, but does not tell which
    /// session has one; there the lease alone counts.
    fn has_native(&self) -> bool {
        self.flavour != Flavour::TiDb
    }

    /// Appends what takes the fence for a take-over: others may neither write nor take meanwhile.
    fn push_taking(&self, message: &mut Message, name: &str) {
        // What others committed since must be seen, however late the transaction looks.
        message.push(Part::Own, "SET TRANSACTION ISOLATION LEVEL READ COMMITTED");
        message.push(Part::Own, "START TRANSACTION");
        let fence = format!("{} FOR UPDATE NOWAIT", self.record.token(name));
        message.push(Part::Own, &fence);
        message.push(Part::Asked, &self.record.holder_of(name));
    }
}

fn cell(answers: &[Rows]) -> Option<&str> {
    answers.first()?.cells.first()?.first()?.as_deref()
}

#[async_trait]
impl LockSteps for MySqlSession {
    async fn look(&mut self, name: &str) -> Result<(Option<Holder>, bool)> {
        let statements = [self.record.holder_of(name), self.record.token(name)];
        let answers = self.read_record(&statements, Operation::Lock).await?;
        let (holder, fence) = answers.split_at(answers.len().min(1));
        Ok((
            self.record.read_holder(holder)?,
            self.record.read_token(fence)?.is_some(),
        ))
    }

    async fn take(&mut self, name: &str, taking: Taking) -> Result<Held> {
        let mut message = Message::new();
        if taking.makes_fence {
            message.push(Part::Own, &self.record.make_fence(name));
        }
        self.push_taking(&mut message, name);
        if taking.proves && self.has_native() {
            message.push(Part::Asked, &format!("SELECT GET_LOCK({}, 0)", self.native(name)));
        }
        let answers = self.run_transaction(Operation::Lock, &message).await?;
        let (holder, native) = answers.split_at(answers.len().min(1));
        Ok(Held {
            holder: self.record.read_holder(holder)?,
            proven: cell(native) == Some("1"),
        })
    }

    async fn hold(&mut self, request: &LockRequest, proven: bool) -> Result<Option<u64>> {
        let name = request.name.as_str();
        let mut message = Message::new();
        message.push(Part::Own, &self.record.move_fence(name));
        message.push(Part::Own, &self.record.hold(request, true, proven));
        message.push(Part::Asked, &self.record.token(name));
        message.push(Part::Own, "COMMIT");
        let answers = self.run_transaction(Operation::Lock, &message).await?;
        self.proven = proven;
        self.record.read_token(&answers)
    }

    async fn end(&mut self, name: &str, run: Uuid) -> Result<()> {
        let mut message = Message::new();
        message.push(Part::Own, &self.record.move_fence(name));
        message.push(Part::Own, &self.record.release(name, run));
        message.push(Part::Own, "COMMIT");
        self.run_transaction(Operation::Lock, &message).await.map(drop)
    }

    async fn take_back(&mut self) {
        self.give_up().await;
    }

    async fn unprove(&mut self, name: &str) -> Result<()> {
        if !self.has_native() {
            return Ok(());
        }
        let mut message = Message::new();
        message.push(Part::Own, &format!("DO RELEASE_LOCK({})", self.native(name)));
        self.run(Operation::Lock, &message).await.map(drop)
    }

    fn sessions(&self) -> &'static str {
        "`SHOW PROCESSLIST` shows the sessions, `KILL n` ends one"
    }
}

#[async_trait]
impl LockStore for MySqlSession {
    async fn try_lock(&mut self, request: &LockRequest) -> Result<LockAttempt> {
        lock::try_lock(self, request).await
    }

    async fn renew(&mut self, lease: &Lease) -> Result<()> {
        let name = lease.fence.lock.as_str();
        let mut message = Message::new();
        message.push(Part::Own, "START TRANSACTION");
        self.push_fence(&mut message, &lease.fence);
        message.push(Part::Own, &self.record.renew(name, lease.run, lease.ttl));
        let mine = format!(
            "lock_name = {} AND run_id = {}",
            self.record.text(name),
            self.record.text(&lease.run.to_string())
        );
        let locks = self.record.table("migration_locks");
        if self.has_native() && !self.proven {
            // A new connection of the keeper's: the native lock went with the old one.
            let native = self.native(name);
            message.push(Part::Own, &format!("DO GET_LOCK({native}, 0)"));
            let prove = format!(
                "UPDATE {locks} SET proven = CASE WHEN IS_USED_LOCK({native}) = CONNECTION_ID() THEN 1 ELSE 0 END, \
                 session_id = CAST(CONNECTION_ID() AS CHAR) WHERE {mine}"
            );
            message.push(Part::Own, &prove);
        }
        message.push(Part::Asked, &format!("SELECT proven FROM {locks} WHERE {mine}"));
        message.push(Part::Own, "COMMIT");
        let answers = self.run_transaction(Operation::Lock, &message).await?;
        let Some(proven) = cell(&answers) else {
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
        let mut message = Message::new();
        message.push(Part::Own, &self.record.release(name, lease.run));
        if self.has_native() {
            message.push(Part::Own, &format!("DO RELEASE_LOCK({})", self.native(name)));
        }
        self.run(Operation::Lock, &message).await.map(drop)
    }

    async fn holder(&mut self, name: &str) -> Result<Option<Holder>> {
        lock::holder(self, name).await
    }

    async fn break_lock(&mut self, name: &str, holder: &Holder) -> Result<bool> {
        lock::break_lock(self, name, holder).await
    }
}
