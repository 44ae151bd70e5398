//! Who is in the way of a statement that waits for a lock.
//!
//! The server knows that only as long as the statement waits, so it is asked meanwhile, over another connection. Most
//! statements are done before that.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use dbvc_engine::driver::Target;
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Row as _};
use tokio::task::JoinHandle;

use crate::connect::Settings;

/// Looks now and then who blocks a server process; ends when it is dropped.
pub(crate) struct Lookout {
    task: JoinHandle<()>,
    seen: Arc<Mutex<Vec<String>>>,
}

impl Lookout {
    /// Looks often enough to meet any wait that comes to its limit.
    pub(crate) fn start(settings: &Settings, target: &Target, backend: i32, lock_timeout: Duration) -> Self {
        let seen = Arc::new(Mutex::new(Vec::new()));
        let (mut settings, target, place) = (settings.clone(), target.clone(), seen.clone());
        let task = tokio::spawn(async move {
            // What cannot be seen is not told; the failure itself is told in any case.
            let Ok(opened) = settings.open(&target).await else {
                return;
            };
            let mut connection = opened.connection;
            while let Ok(found) = look(&mut connection, backend).await {
                if !found.is_empty() {
                    *place.lock().unwrap_or_else(PoisonError::into_inner) = found;
                }
                tokio::time::sleep(every(lock_timeout)).await;
            }
            let _ = connection.close().await;
        });
        Self { task, seen }
    }

    /// Who was in the way when it last looked.
    pub(crate) fn seen(&self) -> Vec<String> {
        self.seen.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }
}

impl Drop for Lookout {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// When to look first, and how long until the next look.
pub(crate) fn every(lock_timeout: Duration) -> Duration {
    lock_timeout * 3 / 5
}

/// One line for each session in the way (manual, 9.26 `pg_blocking_pids`). Its statement is left out: there may be values
/// in it that belong to nobody else.
async fn look(connection: &mut PgConnection, backend: i32) -> sqlx::Result<Vec<String>> {
    let sql = format!(
        "SELECT format('session %s of %s (%s) is in the way, %s for %s s; `SELECT pg_terminate_backend(%1$s)` ends it', \
         pid, coalesce(usename::text, '?'), coalesce(nullif(application_name, ''), 'no name'), \
         coalesce(state, 'at work'), \
         coalesce(floor(extract(epoch FROM clock_timestamp() - coalesce(xact_start, state_change)))::text, '?')) \
         FROM pg_stat_activity WHERE pid = ANY (pg_blocking_pids({backend})) ORDER BY xact_start LIMIT 5"
    );
    let rows = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_all(connection).await?;
    rows.iter().map(|row| row.try_get(0)).collect()
}
