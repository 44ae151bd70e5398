//! The lock's rows: the lease (holder and end) and the fence (a number that grows).

use super::cells::Cells;
use super::{RecordSql, Upsert};
use crate::driver::{Actor, Holder, LockOwner, LockRequest, Rows};
use crate::error::Result;

impl RecordSql {
    pub(super) fn holders(&self) -> String {
        self.select_holder("")
    }

    /// Who holds the lock of this name: one row or none.
    pub fn holder_of(&self, name: &str) -> String {
        self.select_holder(&format!(" WHERE l.lock_name = {}", self.text(name)))
    }

    fn select_holder(&self, only: &str) -> String {
        let now = self.dialect.now;
        format!(
            "SELECT 'lock', l.run_id, l.owner_user, l.owner_host, l.ci_job, l.owner_pid, l.purpose, f.token, \
             {acquired}, {expires}, CASE WHEN l.expires_at <= {now} THEN 1 ELSE 0 END, {alive} \
             FROM {locks} l JOIN {fences} f ON f.lock_name = l.lock_name{only}",
            acquired = (self.dialect.iso)("l.acquired_at"),
            expires = (self.dialect.iso)("l.expires_at"),
            alive = (self.dialect.alive)(&self.location, "l"),
            locks = self.table("migration_locks"),
            fences = self.table("migration_fences"),
        )
    }

    pub(super) fn holder(cells: &mut Cells<'_>) -> Result<Holder> {
        let run = cells.parsed()?;
        let actor = Actor {
            user: cells.owned()?,
            host: cells.owned()?,
            ci_job: cells.optional_owned()?,
            git_commit: None,
            git_branch: None,
        };
        let owner = LockOwner {
            run,
            actor,
            pid: cells.parsed()?,
            purpose: cells.owned()?,
        };
        Ok(Holder {
            owner,
            token: cells.parsed()?,
            acquired_at: cells.parsed()?,
            expires_at: cells.optional_parsed()?,
            expired: cells.flag()?.unwrap_or(false),
            alive: cells.flag()?,
        })
    }

    /// Reads the answer to [`RecordSql::holder_of`].
    pub fn read_holder(&self, answers: &[Rows]) -> Result<Option<Holder>> {
        let Some(row) = answers.iter().flat_map(|rows| &rows.cells).next() else {
            return Ok(None);
        };
        let mut cells = Cells::new(row);
        cells.text()?;
        Self::holder(&mut cells).map(Some)
    }

    /// Makes the fence's row, if it is not there.
    pub fn make_fence(&self, name: &str) -> String {
        self.upsert(&Upsert {
            table: &self.table("migration_fences"),
            columns: "lock_name, token",
            values: &format!("{}, 0", self.text(name)),
            key: "lock_name",
            assignments: None,
        })
    }

    /// Moves the fence on: whoever shows an older number may not write any more.
    pub fn move_fence(&self, name: &str) -> String {
        format!(
            "UPDATE {} SET token = token + 1 WHERE lock_name = {}",
            self.table("migration_fences"),
            self.text(name)
        )
    }

    /// The fence's number: one row or none.
    pub fn token(&self, name: &str) -> String {
        format!(
            "SELECT token FROM {} WHERE lock_name = {}",
            self.table("migration_fences"),
            self.text(name)
        )
    }

    /// Reads the answer to [`RecordSql::token`]; none when the lock was never taken.
    pub fn read_token(&self, answers: &[Rows]) -> Result<Option<u64>> {
        let Some(row) = answers.iter().flat_map(|rows| &rows.cells).next_back() else {
            return Ok(None);
        };
        Cells::new(row).parsed().map(Some)
    }

    /// Writes the holder. `leased` says whether the lease has an end; `proven` whether the server can tell that the
    /// holder lives.
    pub fn hold(&self, request: &LockRequest, leased: bool, proven: bool) -> String {
        let now = self.dialect.now;
        let actor = &request.owner.actor;
        let ttl = i64::try_from(request.ttl.as_millis()).unwrap_or(i64::MAX);
        let expires = if leased {
            (self.dialect.moved)(now, ttl)
        } else {
            "NULL".to_owned()
        };
        let values = format!(
            "{name}, {run}, {user}, {host}, {pid}, {job}, {purpose}, {session}, {now}, {now}, {expires}, {proven}",
            name = self.text(&request.name),
            run = self.text(&request.owner.run.to_string()),
            user = self.text(&actor.user),
            host = self.text(&actor.host),
            pid = request.owner.pid,
            job = self.optional(actor.ci_job.as_deref()),
            purpose = self.text(&request.owner.purpose),
            session = self.dialect.session,
            proven = i32::from(proven),
        );
        self.upsert(&Upsert {
            table: &self.table("migration_locks"),
            columns: "lock_name, run_id, owner_user, owner_host, owner_pid, ci_job, purpose, session_id, \
                      acquired_at, renewed_at, expires_at, proven",
            values: &values,
            key: "lock_name",
            assignments: Some(
                "run_id = excluded.run_id, owner_user = excluded.owner_user, owner_host = excluded.owner_host, \
                 owner_pid = excluded.owner_pid, ci_job = excluded.ci_job, purpose = excluded.purpose, \
                 session_id = excluded.session_id, acquired_at = excluded.acquired_at, \
                 renewed_at = excluded.renewed_at, expires_at = excluded.expires_at, proven = excluded.proven",
            ),
        })
    }

    /// Moves the lease's end, if `run` holds the lock.
    pub fn renew(&self, name: &str, run: uuid::Uuid, ttl: std::time::Duration) -> String {
        let now = self.dialect.now;
        let ttl = i64::try_from(ttl.as_millis()).unwrap_or(i64::MAX);
        format!(
            "UPDATE {} SET renewed_at = {now}, expires_at = {} WHERE lock_name = {} AND run_id = {}",
            self.table("migration_locks"),
            (self.dialect.moved)(now, ttl),
            self.text(name),
            self.text(&run.to_string())
        )
    }

    /// Takes the holder's row away, if `run` holds the lock.
    pub fn release(&self, name: &str, run: uuid::Uuid) -> String {
        format!(
            "DELETE FROM {} WHERE lock_name = {} AND run_id = {}",
            self.table("migration_locks"),
            self.text(name),
            self.text(&run.to_string())
        )
    }
}
