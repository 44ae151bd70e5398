//! Lease, fence and advisory lock.
//!
//! The lease row says who holds the lock and until when, by the server's clock; the fence row's number grows with each
//! holder. A transaction that writes pins the fence `FOR SHARE`, and a take-over needs it `FOR UPDATE NOWAIT`: so no
//! take-over happens inside an open transaction. A session advisory lock of the keeper proves that it lives. Nothing
//! here ever waits for an advisory lock: a waiting session would hold a snapshot that `CREATE INDEX CONCURRENTLY` waits
//! for in turn.

use async_trait::async_trait;
use dbvc_engine::driver::{Fence, Holder, Lease, LockAttempt, LockRequest, LockStore, Rows};
use dbvc_engine::error::{DriverError, ErrorKind, Operation, Result};
use dbvc_engine::record::RecordSql;

use crate::error::STALE_FENCE;
use crate::message::Part;
use crate::notices::FLUSH;
use crate::record::literal;
use crate::session::PostgresSession;

/// The cells of [`RecordSql::holder_of`]'s row.
const HOLDER_CELLS: usize = 12;

/// A statement that fails when the fence is stale, and otherwise keeps it from moving until the transaction ends.
pub(crate) fn pin_fence(record: &RecordSql, fence: &Fence) -> String {
    format!(
        "DO {}",
        literal(&format!("BEGIN {} END", check_pinned(record, fence)))
    )
}

fn check_pinned(record: &RecordSql, fence: &Fence) -> String {
    format!(
        "IF (SELECT token FROM {} WHERE lock_name = {} FOR SHARE) IS DISTINCT FROM {} THEN \
         RAISE EXCEPTION 'another run holds the lock now' USING ERRCODE = '{STALE_FENCE}'; END IF;",
        record.table("migration_fences"),
        record.text(&fence.lock),
        fence.token,
    )
}

/// The same for a unit's transaction. It also notes when the unit began, and makes the server send what it has
/// answered so far (see [`crate::send::flush`]): so whom to cancel is known before the first statement that may take
/// long, and of each unit in a message is told when it is done.
pub(crate) fn begin_fenced(record: &RecordSql, fence: &Fence) -> String {
    let block = format!(
        "BEGIN {pin} PERFORM set_config('dbvc.begun', extract(epoch FROM clock_timestamp())::text, true); \
         RAISE INFO '{FLUSH}'; END",
        pin = check_pinned(record, fence),
    );
    format!("DO {}", literal(&block))
}

/// SQL of the lock for one request.
struct LockSql<'a> {
    record: &'a RecordSql,
    name: &'a str,
    locks: String,
    fences: String,
    quoted: String,
}

impl<'a> LockSql<'a> {
    fn new(record: &'a RecordSql, name: &'a str) -> Self {
        Self {
            record,
            name,
            locks: record.table("migration_locks"),
            fences: record.table("migration_fences"),
            quoted: record.text(name),
        }
    }

    /// The advisory lock's two numbers: the table's own, and the name's hash. Both are made by the server, so that all
    /// sessions agree on them.
    fn key(&self) -> String {
        let table = literal(&self.locks);
        format!("{table}::regclass::oid::int4, hashtext({})", self.quoted)
    }

    /// Whether a holder other than `run` lives: its session does, or nobody can tell and its lease has not ended.
    fn held_by_another(&self, run: &str) -> String {
        let columns = columns("");
        format!(
            "EXISTS (SELECT FROM ({}) h({columns}) WHERE c1 <> {run} AND coalesce(c11 = 1, c10 = 0))",
            self.record.holder_of(self.name)
        )
    }

    /// Takes the lock if it is free or its holder is dead. Gives nothing: what came of it is read from the rows.
    fn take(&self, request: &LockRequest, pooled: &str) -> String {
        let run = self.record.text(&request.owner.run.to_string());
        let held = self.held_by_another(&run);
        let block = format!(
            "DECLARE taken text; BEGIN \
             IF {held} THEN RETURN; END IF; \
             {make_fence}; \
             BEGIN PERFORM token FROM {fences} WHERE lock_name = {name} FOR UPDATE NOWAIT; \
             EXCEPTION WHEN lock_not_available THEN RETURN; END; \
             IF {held} THEN RETURN; END IF; \
             SELECT row_to_json(h)::text INTO taken FROM ({holder}) h({columns}); \
             PERFORM set_config('dbvc.taken', coalesce(taken, ''), true); \
             {move_fence}; \
             {hold}; \
             {prove} END",
            make_fence = self.record.make_fence(self.name),
            fences = self.fences,
            name = self.quoted,
            holder = self.record.holder_of(self.name),
            columns = columns(""),
            move_fence = self.record.move_fence(self.name),
            hold = self.record.hold(request, true, false),
            prove = self.prove(&run, pooled),
        );
        format!("DO {}", literal(&block))
    }

    /// Takes the advisory lock, unless a pooler is between: there the lock would stay behind with the pooler's session.
    fn prove(&self, run: &str, pooled: &str) -> String {
        format!(
            "IF NOT ({pooled}) THEN IF pg_try_advisory_lock({key}) THEN UPDATE {locks} SET proven = 1, \
             session_id = pg_backend_pid()::text WHERE lock_name = {name} AND run_id = {run}; END IF; END IF;",
            key = self.key(),
            locks = self.locks,
            name = self.quoted,
        )
    }

    /// The holder that the lock was taken from in this transaction.
    fn taken_from() -> String {
        format!(
            "SELECT * FROM json_to_record(nullif(current_setting('dbvc.taken', true), '')::json) AS h({}) \
             WHERE c0 IS NOT NULL",
            columns(" text")
        )
    }

    fn is_mine(&self, run: &str) -> String {
        format!(
            "SELECT proven FROM {} WHERE lock_name = {} AND run_id = {run}",
            self.locks, self.quoted
        )
    }

    /// Proves again, on a new connection, that the holder lives.
    fn prove_again(&self, run: &str, pooled: &str) -> String {
        let block = format!(
            "BEGIN IF EXISTS ({mine}) THEN UPDATE {locks} SET proven = 0 WHERE lock_name = {name}; {prove} \
             END IF; END",
            mine = self.is_mine(run),
            locks = self.locks,
            name = self.quoted,
            prove = self.prove(run, pooled),
        );
        format!("DO {}", literal(&block))
    }

    /// Says so when this message is served by another process than the one that took the advisory lock.
    fn unprove(&self, run: &str) -> String {
        format!(
            "UPDATE {} SET proven = 0 WHERE lock_name = {} AND run_id = {run} AND proven = 1 \
             AND session_id <> pg_backend_pid()::text",
            self.locks, self.quoted
        )
    }

    /// Gives the advisory lock back, where this session has it: without it the server would warn.
    fn forget_proof(&self) -> String {
        format!(
            "SELECT pg_advisory_unlock({key}) WHERE EXISTS (SELECT FROM pg_locks WHERE locktype = 'advisory' \
             AND pid = pg_backend_pid() AND objsubid = 2 AND classid = {table}::regclass::oid \
             AND objid::int4 = hashtext({name}))",
            key = self.key(),
            table = literal(&self.locks),
            name = self.quoted,
        )
    }

    fn take_away(&self, holder: &Holder) -> String {
        format!(
            "WITH gone AS (DELETE FROM {locks} WHERE lock_name = {name} AND run_id = {run} RETURNING 1) \
             UPDATE {fences} SET token = token + 1 WHERE lock_name = {name} AND token = {token} \
             AND EXISTS (SELECT FROM gone) RETURNING token",
            locks = self.locks,
            fences = self.fences,
            name = self.quoted,
            run = self.record.text(&holder.owner.run.to_string()),
            token = holder.token,
        )
    }

    fn pin_for_taking(&self) -> String {
        format!(
            "SELECT token FROM {} WHERE lock_name = {} FOR UPDATE NOWAIT",
            self.fences, self.quoted
        )
    }

    /// The sessions that have rows of the fence table locked.
    fn pinning(&self) -> String {
        format!(
            "SELECT DISTINCT pid FROM pg_locks WHERE relation = {}::regclass AND mode = 'RowShareLock' \
             AND pid <> pg_backend_pid()",
            literal(&self.fences)
        )
    }
}

/// `c0, c1, …`, each with `suffix`.
fn columns(suffix: &str) -> String {
    let names: Vec<String> = (0..HOLDER_CELLS)
        .map(|index| format!("c{index}{suffix}"))
        .collect();
    names.join(", ")
}

impl PostgresSession {
    /// Why a lock that nobody holds cannot be had: an earlier run's transaction still pins the fence.
    async fn pinned(&mut self, name: &str) -> DriverError {
        let error = DriverError::new(
            ErrorKind::LockTimeout,
            Operation::Lock,
            "a transaction of an earlier run is still open on the server",
        );
        let sql = LockSql::new(&self.record, name).pinning();
        let Ok(answers) = self.read(Operation::Lock, &[&sql]).await else {
            return error;
        };
        let sessions = answers.iter().flat_map(|rows| &rows.cells).flatten().flatten();
        sessions.fold(error, |error, pid| {
            error.with_note(format!(
                "session {pid}; `SELECT pg_terminate_backend({pid})` ends it"
            ))
        })
    }
}

#[async_trait]
impl LockStore for PostgresSession {
    async fn try_lock(&mut self, request: &LockRequest) -> Result<LockAttempt> {
        let pooled = self.pooled();
        let mut message = self.message();
        let sql = LockSql::new(&self.record, &request.name);
        message.push(Part::Own, &sql.take(request, &pooled));
        message.push(Part::Asked, &self.record.holder_of(&request.name));
        message.push(Part::Asked, &LockSql::taken_from());
        let answers = self.run(Operation::Lock, &mut message).await?;
        let (now, before) = answers.split_at(answers.len().min(1));
        let Some(holder) = self.record.read_holder(now)? else {
            return Err(self.pinned(&request.name).await);
        };
        if holder.owner.run != request.owner.run && !holder.lives() {
            return Err(self.pinned(&request.name).await);
        }
        if holder.owner.run != request.owner.run {
            return Ok(LockAttempt::Held(holder));
        }
        let proven = holder.alive == Some(true);
        self.proof = self.backend.filter(|_| proven);
        let before = self.record.read_holder(before)?;
        Ok(LockAttempt::Acquired(Lease {
            fence: Fence {
                lock: request.name.clone(),
                token: holder.token,
            },
            run: request.owner.run,
            ttl: request.ttl,
            proven,
            taken_from: before.filter(|before| before.owner.run != request.owner.run),
        }))
    }

    async fn renew(&mut self, lease: &Lease) -> Result<()> {
        let name = &lease.fence.lock;
        let pooled = self.pooled();
        let mut message = self.message();
        let sql = LockSql::new(&self.record, name);
        let run = self.record.text(&lease.run.to_string());
        message.push(Part::Own, &self.record.renew(name, lease.run, lease.ttl));
        let proof = if self.proof.is_some() {
            sql.unprove(&run)
        } else {
            sql.prove_again(&run, &pooled)
        };
        message.push(Part::Own, &proof);
        message.push(Part::Asked, &sql.is_mine(&run));
        let answers = self.run(Operation::Lock, &mut message).await?;
        if is_empty(&answers) {
            return Err(DriverError::new(
                ErrorKind::LockLost,
                Operation::Lock,
                "another run holds the lock now",
            ));
        }
        // While another session has the proof, such as one whose lock was broken and that is not gone yet, it is tried
        // again with each renewal.
        let proven = answers
            .iter()
            .flat_map(|rows| &rows.cells)
            .flatten()
            .flatten()
            .any(|cell| cell == "1");
        self.proof = self.proof.or(self.backend).filter(|_| proven);
        Ok(())
    }

    async fn unlock(&mut self, lease: &Lease) -> Result<()> {
        let mut message = self.message();
        let sql = LockSql::new(&self.record, &lease.fence.lock);
        message.push(Part::Own, &self.record.release(&lease.fence.lock, lease.run));
        message.push(Part::Own, &sql.forget_proof());
        self.proof = None;
        self.run(Operation::Lock, &mut message).await.map(drop)
    }

    async fn holder(&mut self, name: &str) -> Result<Option<Holder>> {
        let sql = self.record.holder_of(name);
        match self.read(Operation::Lock, &[&sql]).await {
            Ok(answers) => self.record.read_holder(&answers),
            Err(error) if error.kind == ErrorKind::NotInstalled => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn break_lock(&mut self, name: &str, holder: &Holder) -> Result<bool> {
        let mut message = self.message();
        let sql = LockSql::new(&self.record, name);
        message.push(Part::Own, &sql.pin_for_taking());
        message.push(Part::Asked, &sql.take_away(holder));
        match self.run(Operation::Lock, &mut message).await {
            Ok(answers) => Ok(!is_empty(&answers)),
            Err(error) if error.kind == ErrorKind::LockTimeout => Err(self.pinned(name).await),
            Err(error) => Err(error),
        }
    }
}

fn is_empty(answers: &[Rows]) -> bool {
    answers.iter().all(|rows| rows.cells.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::record::DIALECT;
    use dbvc_engine::driver::RecordLocation;

    #[test]
    fn a_name_with_quotes_stays_inside_its_literals() {
        let record = RecordSql::new(DIALECT, RecordLocation::default());
        let fence = Fence {
            lock: "it's".into(),
            token: 7,
        };
        let sql = pin_fence(&record, &fence);
        assert!(sql.contains("lock_name = ''it''''s''"), "{sql}");
        assert!(sql.contains("IS DISTINCT FROM 7"), "{sql}");
    }

    #[test]
    fn a_key_is_made_of_the_table_and_the_name() {
        let record = RecordSql::new(DIALECT, RecordLocation::default());
        let sql = LockSql::new(&record, "migrate");
        assert_eq!(
            sql.key(),
            "'\"version_control\".migration_locks'::regclass::oid::int4, hashtext('migrate')"
        );
    }
}
