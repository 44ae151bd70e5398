//! Limits: time, patience, and the cancelling token.

use std::time::{Duration, Instant};

use dbvc_engine::driver::Limits;
use dbvc_engine::error::ErrorKind;
use tokio_util::sync::CancellationToken;

use crate::stage::{Stage, apply, ask, error_of, run, run_with};

const ENDLESS: &str =
    "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n) SELECT count(*) FROM n";

fn cancelled_after(pause: Duration) -> Limits {
    let cancel = CancellationToken::new();
    let token = cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(pause).await;
        token.cancel();
    });
    Limits {
        cancel,
        ..Limits::default()
    }
}

#[tokio::test]
async fn a_running_statement_stops_soon_after_it_is_cancelled() {
    let stage = Stage::new();
    let mut session = stage.open().await;
    let limits = cancelled_after(Duration::from_millis(100));
    let begun = Instant::now();
    let error = error_of(run_with(&mut session, ENDLESS, &limits).await);
    assert_eq!(error.kind, ErrorKind::Cancelled);
    assert!(
        begun.elapsed() < Duration::from_millis(300),
        "{:?}",
        begun.elapsed()
    );
    assert_eq!(ask(&mut session, "SELECT 1").await, "1");
}

#[tokio::test]
async fn a_statement_ends_at_its_time_limit() {
    let stage = Stage::new();
    let (mut session, lease) = stage.ready().await;
    let limits = Limits {
        statement_timeout: Some(Duration::from_millis(100)),
        ..Limits::default()
    };
    let script = format!("CREATE TABLE t(x); INSERT INTO t {ENDLESS};");
    let error = error_of(apply(&mut session, &lease.fence, &script, &limits).await);
    assert_eq!(error.kind, ErrorKind::StatementTimeout);
    assert!(error.message.contains("100ms"), "{error}");
    assert_eq!(session.overview().await.expect("an overview")[0].tables, 0);
    let slow = session.query(ENDLESS, &limits).await.expect_err("too slow");
    assert_eq!(slow.kind, ErrorKind::StatementTimeout);
    run(&mut session, &["CREATE TABLE t(x)"]).await;
}

#[tokio::test]
async fn limits_beyond_any_clock_are_no_limits() {
    let stage = Stage::new();
    let (mut session, lease) = stage.ready().await;
    let limits = Limits {
        statement_timeout: Some(Duration::MAX),
        lock_timeout: Some(Duration::MAX),
        ..Limits::default()
    };
    let outcome = apply(&mut session, &lease.fence, "CREATE TABLE t(x);", &limits).await;
    assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
}

#[tokio::test]
async fn another_writer_is_waited_for_as_long_as_asked() {
    let stage = Stage::new();
    let (mut writer, lease) = stage.ready().await;
    let mut waiter = stage.open().await;
    writer.begin(&lease.fence).await.expect("a transaction");
    let limits = Limits {
        lock_timeout: Some(Duration::from_millis(200)),
        ..Limits::default()
    };
    for inside in [true, false] {
        let begun = Instant::now();
        let outcome = if inside {
            apply(&mut waiter, &lease.fence, "CREATE TABLE t(x);", &limits).await
        } else {
            run_with(&mut waiter, "CREATE TABLE t(x)", &limits).await
        };
        let error = error_of(outcome);
        assert_eq!(error.kind, ErrorKind::LockTimeout, "{error}");
        let took = begun.elapsed();
        assert!(
            took >= Duration::from_millis(200) && took < Duration::from_secs(2),
            "{took:?}"
        );
    }
    writer.rollback().await.expect("a rollback");
    run(&mut waiter, &["CREATE TABLE t(x)"]).await;
}

#[tokio::test]
async fn waiting_for_another_writer_can_be_cancelled() {
    let stage = Stage::new();
    let (mut writer, lease) = stage.ready().await;
    let mut waiter = stage.open().await;
    writer.begin(&lease.fence).await.expect("a transaction");
    for inside in [true, false] {
        let limits = cancelled_after(Duration::from_millis(50));
        let begun = Instant::now();
        let outcome = if inside {
            apply(&mut waiter, &lease.fence, "CREATE TABLE t(x);", &limits).await
        } else {
            run_with(&mut waiter, "CREATE TABLE t(x)", &limits).await
        };
        assert_eq!(error_of(outcome).kind, ErrorKind::Cancelled);
        assert!(
            begun.elapsed() < Duration::from_millis(800),
            "{:?}",
            begun.elapsed()
        );
    }
}

#[tokio::test]
async fn nothing_runs_once_cancelled() {
    let stage = Stage::new();
    let mut session = stage.open().await;
    let limits = Limits::default();
    limits.cancel.cancel();
    let error = error_of(run_with(&mut session, "CREATE TABLE t(x)", &limits).await);
    assert_eq!(error.kind, ErrorKind::Cancelled);
    assert_eq!(session.overview().await.expect("an overview")[0].tables, 0);
}

#[tokio::test]
async fn a_query_cannot_write() {
    let stage = Stage::new();
    let mut session = stage.open().await;
    run(&mut session, &["CREATE TABLE t(x)"]).await;
    let refused = session
        .query("INSERT INTO t VALUES (1)", &Limits::default())
        .await;
    assert_eq!(refused.expect_err("a write").kind, ErrorKind::Denied);
    run(
        &mut session,
        &["INSERT INTO t VALUES (1.5), (x'00ff'), (NULL), ('a')"],
    )
    .await;
    let rows = session
        .query("SELECT x FROM t", &Limits::default())
        .await
        .expect("rows");
    let cells: Vec<_> = rows.cells.iter().map(|row| row[0].as_deref()).collect();
    assert_eq!(cells, [Some("1.5"), Some("00FF"), None, Some("a")]);
}
