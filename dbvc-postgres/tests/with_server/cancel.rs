//! Stopping what runs.

use std::time::{Duration, Instant};

use dbvc_engine::driver::Limits;
use dbvc_engine::error::ErrorKind;
use tokio_util::sync::CancellationToken;

use crate::place::Place;
use crate::script::{Ears, apply, apply_with, failure, statement, well};

fn stopping_after(pause: Duration) -> Limits {
    let cancel = CancellationToken::new();
    let fire = cancel.clone();
    tokio::spawn(async move {
        tokio::time::sleep(pause).await;
        fire.cancel();
    });
    Limits {
        cancel,
        ..Limits::default()
    }
}

#[tokio::test]
async fn a_migration_is_cancelled_even_in_a_sessions_first_message() {
    let Some(place) = Place::new().await else { return };
    let (_keeper, lease) = place.locked().await;
    let mut runner = place.session().await;
    let limits = stopping_after(Duration::from_millis(200));
    let begun = Instant::now();
    let text = "create table t(a int); select pg_sleep(30)";
    let outcome = apply_with(&mut *runner, &lease.fence, "1", text, &limits, &mut Ears::default()).await;
    assert!(begun.elapsed() < Duration::from_millis(700), "{:?}", begun.elapsed());
    let (sql, error) = failure(outcome);
    assert_eq!((sql.as_deref(), error.kind), (Some("select pg_sleep(30)"), ErrorKind::Cancelled));
    assert_eq!(place.cell("to_regclass('t')").await, "");
    well(&apply(&mut *runner, &lease.fence, "1", "create table t(a int)").await);
}

#[tokio::test]
async fn a_statement_outside_a_transaction_is_cancelled() {
    let Some(place) = Place::new().await else { return };
    let mut session = place.session().await;
    let limits = stopping_after(Duration::from_millis(200));
    let begun = Instant::now();
    let outcome = session.execute(&[statement("select pg_sleep(30)")], &limits, &mut Ears::default()).await;
    assert!(begun.elapsed() < Duration::from_millis(700), "{:?}", begun.elapsed());
    assert_eq!(failure(outcome).1.kind, ErrorKind::Cancelled);
}

#[tokio::test]
async fn limits_end_statements_and_waits() {
    let Some(place) = Place::new().await else { return };
    let (mut session, lease) = place.locked().await;
    place.run("create table t(a int)").await;
    let short = Limits {
        statement_timeout: Some(Duration::from_millis(100)),
        ..Limits::default()
    };
    let text = "select 1; select pg_sleep(5)";
    let (sql, error) = failure(apply_with(&mut *session, &lease.fence, "1", text, &short, &mut Ears::default()).await);
    assert_eq!((sql.as_deref(), error.kind), (Some("select pg_sleep(5)"), ErrorKind::StatementTimeout));
    let outcome = session.execute(&[statement("select pg_sleep(5)")], &short, &mut Ears::default()).await;
    assert_eq!(failure(outcome).1.kind, ErrorKind::StatementTimeout);
    // Without a limit the same session waits again.
    let long = Limits::default();
    well(&session.execute(&[statement("select pg_sleep(0.3)")], &long, &mut Ears::default()).await);

    let mut blocker = place.plain().await;
    sqlx::raw_sql("begin; lock table t").execute(&mut blocker).await.unwrap();
    let impatient = Limits {
        lock_timeout: Some(Duration::from_millis(100)),
        ..Limits::default()
    };
    let alter = "alter table t add b int";
    let outcome = apply_with(&mut *session, &lease.fence, "1", alter, &impatient, &mut Ears::default()).await;
    assert_eq!(failure(outcome).1.kind, ErrorKind::LockTimeout);
    let outcome = session.execute(&[statement(alter)], &impatient, &mut Ears::default()).await;
    assert_eq!(failure(outcome).1.kind, ErrorKind::LockTimeout);
}

#[tokio::test]
async fn a_connection_that_the_server_ends_is_lost_for_good() {
    let Some(place) = Place::new().await else { return };
    let (mut session, lease) = place.locked().await;
    let text = "create table t(a int); select pg_terminate_backend(pg_backend_pid())";
    assert_eq!(failure(apply(&mut *session, &lease.fence, "1", text).await).1.kind, ErrorKind::ConnectionLost);
    assert_eq!(session.survey().await.unwrap_err().kind, ErrorKind::ConnectionLost);
    assert_eq!(place.cell("to_regclass('t')").await, "");
}
