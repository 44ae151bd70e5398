//! Finding out that an answer will never come.
//!
//! A network that forgets a connection tells nobody: the server's answer is lost, and the client would wait for ever.
//! (libpq leaves that to TCP keepalive; the client library has none.) So when nothing was heard for a while, the server is
//! asked over another connection whether it still works on the message. That is cheap, and a statement may take as long
//! as it wants.

use std::time::{Duration, Instant};

use dbvc_engine::driver::Target;
use dbvc_engine::error::{ErrorKind, Operation};
use sqlx::postgres::PgConnection;
use sqlx::{AssertSqlSafe, Connection as _, Row as _};
use tokio::task::JoinHandle;

use crate::connect::Settings;
use crate::error;
use crate::record::literal;

/// An answer that is under way between two looks is not lost; one that is missing in so many is.
const LOOKS: u32 = 2;

/// The same where it is not known which session to ask about: a pooler may let us wait for one.
const BLIND_LOOKS: u32 = 5;

/// How long nothing need be heard before the server is asked, and how long until it is asked again.
fn period(settings: &Settings) -> Duration {
    settings.timeout * 3
}

/// Waits for the moment at which it is certain that no answer comes.
pub(crate) struct Quiet {
    period: Duration,
    heard: Instant,
    watch: Option<JoinHandle<()>>,
}

impl Quiet {
    pub(crate) fn new(settings: &Settings) -> Self {
        Self {
            period: period(settings),
            heard: Instant::now(),
            watch: None,
        }
    }

    /// Something came.
    pub(crate) fn heard(&mut self) {
        self.heard = Instant::now();
        self.stop();
    }

    fn stop(&mut self) {
        if let Some(watch) = self.watch.take() {
            watch.abort();
        }
    }

    /// Ends when the server answers to nobody any more. May be dropped and called again.
    pub(crate) async fn lost(&mut self, settings: &Settings, target: &Target, backend: Option<i32>) {
        loop {
            if let Some(watch) = &mut self.watch {
                let _ = watch.await;
                return;
            }
            let left = self.period.saturating_sub(self.heard.elapsed());
            if left.is_zero() {
                let (settings, target) = (settings.clone(), target.clone());
                self.watch = Some(tokio::spawn(watch(settings, target, backend, self.period)));
            } else {
                tokio::time::sleep(left).await;
            }
        }
    }
}

impl Drop for Quiet {
    fn drop(&mut self) {
        self.stop();
    }
}

async fn watch(settings: Settings, target: Target, backend: Option<i32>, period: Duration) {
    let looks = if backend.is_some() { LOOKS } else { BLIND_LOOKS };
    let mut silent = 0;
    loop {
        if is_at_work(settings.clone(), &target, backend).await {
            silent = 0;
        } else {
            silent += 1;
        }
        if silent == looks {
            return;
        }
        tokio::time::sleep(period).await;
    }
}

/// Whether the server still works on what it was sent, as far as it tells. Where the session's number is not known, as
/// behind a pooler, any session of dbvc's counts that is at work.
async fn is_at_work(mut settings: Settings, target: &Target, backend: Option<i32>) -> bool {
    let mut connection = match settings.open(target).await {
        Ok(opened) => opened.connection,
        // One that has no connection left for us is there, and at work.
        Err(error) => return error.kind != ErrorKind::Unreachable,
    };
    let asked = tokio::time::timeout(settings.timeout, ask(&mut connection, target, backend)).await;
    let answer = match asked {
        Err(_) => false,
        Ok(Ok(works)) => works,
        Ok(Err(error)) => {
            error::from_sqlx(&error, Operation::Query, target).kind != ErrorKind::ConnectionLost
        }
    };
    // The answer is there; a goodbye that fails changes nothing.
    let _ = tokio::time::timeout(settings.timeout, connection.close()).await;
    answer
}

async fn ask(connection: &mut PgConnection, target: &Target, backend: Option<i32>) -> sqlx::Result<bool> {
    let whose = backend.map_or_else(
        || {
            format!(
                "pid <> pg_catalog.pg_backend_pid() AND datname = pg_catalog.current_database() \
                 AND application_name = {}",
                literal(&target.application_name)
            )
        },
        |backend| format!("pid = {backend}"),
    );
    let sql = format!(
        "SELECT count(*)::text FROM pg_catalog.pg_stat_activity WHERE {whose} \
         AND coalesce(state, 'active') IN ('active', 'fastpath function call', 'disabled')"
    );
    let row = sqlx::raw_sql(AssertSqlSafe(sql)).fetch_one(connection).await?;
    Ok(row.try_get::<String, _>(0)? != "0")
}
