//! The lock.

use std::time::Duration;

use dbvc_engine::driver::{Limits, LockAttempt};
use dbvc_engine::error::ErrorKind;

use crate::place::{Place, acquired, driver, identity, request};
use crate::proxy::Proxy;
use crate::script::{Ears, apply, failure, statement, well};

#[tokio::test]
async fn a_try_is_one_round_trip_and_a_live_holder_keeps_the_lock() {
    let Some(place) = Place::new().await else { return };
    place.session().await.install(&identity()).await.unwrap();
    let proxy = Proxy::before(&place.target()).await;
    let target = proxy.target(&place.target());
    let mut first = driver().connect(&target).await.unwrap();
    let mut second = place.session().await;
    proxy.take();
    let lease = acquired(first.try_lock(&request("first")).await.unwrap());
    assert_eq!(proxy.take(), 1);
    assert!(lease.proven);
    assert_eq!(lease.fence.token, 1);
    let LockAttempt::Held(holder) = second.try_lock(&request("second")).await.unwrap() else {
        panic!("taken from a live holder");
    };
    assert_eq!((holder.owner.purpose.as_str(), holder.alive, holder.expired), ("first", Some(true), false));
    first.renew(&lease).await.unwrap();
    assert_eq!(proxy.take(), 1);
    first.unlock(&lease).await.unwrap();
    assert_eq!(proxy.take(), 1);
    assert_eq!(second.holder("migrate").await.unwrap(), None);
    let lease = acquired(second.try_lock(&request("second")).await.unwrap());
    assert_eq!((lease.fence.token, lease.proven), (2, true));
    assert!(lease.taken_from.is_none());
}

#[tokio::test]
async fn a_killed_holder_is_followed_at_once_and_cannot_write() {
    let Some(place) = Place::new().await else { return };
    let (mut holder, lease) = place.locked().await;
    place
        .run("select pg_terminate_backend(session_id::int) from version_control.migration_locks")
        .await;
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut other = place.session().await;
    let taken = acquired(other.try_lock(&request("other")).await.unwrap());
    let from = taken.taken_from.unwrap();
    assert_eq!((from.owner.purpose.as_str(), from.alive, from.expired), ("locked", Some(false), false));
    assert_eq!(holder.renew(&lease).await.unwrap_err().kind, ErrorKind::ConnectionLost);
    let mut again = place.session().await;
    assert_eq!(again.renew(&lease).await.unwrap_err().kind, ErrorKind::LockLost);
    let (_, error) = failure(apply(&mut *again, &lease.fence, "1", "select 1").await);
    assert_eq!(error.kind, ErrorKind::LockLost);
}

#[tokio::test]
async fn a_keeper_that_connects_again_proves_itself_again() {
    let Some(place) = Place::new().await else { return };
    let (holder, lease) = place.locked().await;
    drop(holder);
    tokio::time::sleep(Duration::from_millis(100)).await;
    let mut again = place.session().await;
    again.renew(&lease).await.unwrap();
    let mut other = place.session().await;
    assert_eq!(other.holder("migrate").await.unwrap().unwrap().alive, Some(true));
    assert!(matches!(other.try_lock(&request("other")).await.unwrap(), LockAttempt::Held(_)));
}

#[tokio::test]
async fn an_ended_lease_without_proof_is_taken_over() {
    let Some(place) = Place::new().await else { return };
    let (_holder, _lease) = place.locked().await;
    let mut other = place.session().await;
    place.run("update version_control.migration_locks set proven = 0").await;
    assert_eq!(other.holder("migrate").await.unwrap().unwrap().alive, None);
    assert!(matches!(other.try_lock(&request("other")).await.unwrap(), LockAttempt::Held(_)));
    place.run("update version_control.migration_locks set expires_at = now() - interval '1 s'").await;
    let lease = acquired(other.try_lock(&request("other")).await.unwrap());
    assert!(lease.taken_from.unwrap().expired);
    // The old holder's session still has the advisory lock, so nothing is proven by it.
    assert!(!lease.proven);
}

#[tokio::test]
async fn a_broken_lock_moves_the_fence_on() {
    let Some(place) = Place::new().await else { return };
    let (mut holder, lease) = place.locked().await;
    let mut other = place.session().await;
    let seen = other.holder("migrate").await.unwrap().unwrap();
    let mut runner = place.session().await;
    runner.begin(&lease.fence).await.unwrap();
    let error = other.break_lock("migrate", &seen).await.unwrap_err();
    assert_eq!(error.kind, ErrorKind::LockTimeout);
    assert!(error.notes[0].contains("pg_terminate_backend"), "{error:?}");
    runner.rollback().await.unwrap();
    assert!(other.break_lock("migrate", &seen).await.unwrap());
    assert!(!other.break_lock("migrate", &seen).await.unwrap());
    assert_eq!(holder.renew(&lease).await.unwrap_err().kind, ErrorKind::LockLost);
    holder.unlock(&lease).await.unwrap();
    let (_, error) = failure(apply(&mut *runner, &lease.fence, "1", "select 1").await);
    assert_eq!(error.kind, ErrorKind::LockLost);
}

#[tokio::test]
async fn an_index_is_built_concurrently_while_others_wait_for_the_lock() {
    let Some(place) = Place::new().await else { return };
    let (_keeper, _lease) = place.locked().await;
    place.run("create table t(a int); insert into t select generate_series(1, 20000)").await;
    let mut waiter = place.session().await;
    let polling = tokio::spawn(async move {
        for _ in 0..200 {
            let attempt = waiter.try_lock(&request("waiter")).await.unwrap();
            assert!(matches!(attempt, LockAttempt::Held(_)));
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    });
    let mut runner = place.session().await;
    let limits = Limits {
        statement_timeout: Some(Duration::from_secs(20)),
        ..Limits::default()
    };
    for number in 0..5 {
        let sql = format!("create index concurrently i{number} on t(a)");
        well(&runner.execute(&[statement(&sql)], &limits, &mut Ears::default()).await);
    }
    polling.await.unwrap();
    assert_eq!(place.cell("select count(*) from pg_index where indisvalid and indrelid = 't'::regclass").await, "5");
}

#[tokio::test]
async fn of_many_that_start_at_once_one_gets_the_lock() {
    let Some(place) = Place::new().await else { return };
    place.session().await.install(&identity()).await.unwrap();
    let mut starters = Vec::new();
    for _ in 0..10 {
        let mut session = place.session().await;
        starters.push(tokio::spawn(async move {
            match session.try_lock(&request("race")).await {
                Ok(LockAttempt::Acquired(_)) => (Some(session), 1),
                Ok(LockAttempt::Held(_)) => (None, 0),
                Err(error) => {
                    assert!(error.kind.is_retryable(), "{error:?}");
                    (None, 0)
                }
            }
        }));
    }
    let mut kept = Vec::new();
    let mut won = 0;
    for starter in starters {
        let (session, one) = starter.await.unwrap();
        kept.push(session);
        won += one;
    }
    assert_eq!(won, 1);
}
