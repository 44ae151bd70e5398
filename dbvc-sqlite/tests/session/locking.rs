//! The file lock and the fence.

use std::fs::File;

use dbvc_engine::driver::{Access, LockAttempt};
use dbvc_engine::error::ErrorKind;

use crate::stage::{Stage, completed, execution, identity, locked, request};

#[tokio::test]
async fn one_session_holds_the_lock_and_the_other_learns_who() {
    let stage = Stage::new();
    let (mut first, lease) = stage.ready().await;
    let mut second = stage.open().await;
    match second.try_lock(&request()).await.expect("an answer") {
        LockAttempt::Held(holder) => {
            assert_eq!(holder.owner.run, lease.run);
            assert_eq!((holder.alive, holder.expires_at), (Some(true), None));
        }
        LockAttempt::Acquired(_) => panic!("two hold it"),
    }
    first.renew(&lease).await.expect("still held");
    first.unlock(&lease).await.expect("given back");
    let next = locked(&mut second).await;
    assert!(next.taken_from.is_none());
    assert!(next.fence.token > lease.fence.token);
    let late = first.renew(&lease).await.expect_err("lost");
    assert_eq!(late.kind, ErrorKind::LockLost);
}

#[tokio::test]
async fn a_dead_holders_lock_is_taken_at_once_and_its_writes_are_refused() {
    let stage = Stage::new();
    let (dead, lease) = stage.ready().await;
    // Ends as a killed process does: the system takes the lock back, the row stays.
    drop(dead);
    let mut next = stage.open().await;
    let left = next.survey().await.expect("a survey").holder.expect("a row");
    assert_eq!(left.alive, Some(false));
    let taken = locked(&mut next).await;
    assert_eq!(taken.taken_from.expect("a holder before").owner.run, lease.run);
    let late = next.record(&lease.fence, &execution("1"), &completed()).await;
    assert_eq!(late.expect_err("stale").kind, ErrorKind::LockLost);
    let late = next.begin(&lease.fence).await.expect_err("stale");
    assert_eq!(late.kind, ErrorKind::LockLost);
    next.begin(&taken.fence)
        .await
        .expect("the refused one left nothing open");
    next.rollback().await.expect("a rollback");
}

#[tokio::test]
async fn a_live_holders_lock_is_never_broken() {
    let stage = Stage::new();
    let (first, lease) = stage.ready().await;
    let mut second = stage.open().await;
    let name = &lease.fence.lock;
    let holder = second.holder(name).await.expect("an answer").expect("a holder");
    assert_eq!(holder.alive, Some(true));
    assert!(!second.break_lock(name, &holder).await.expect("an answer"));
    drop(first);
    assert!(second.break_lock(name, &holder).await.expect("an answer"));
    assert!(second.holder(name).await.expect("an answer").is_none());
    assert!(!second.break_lock(name, &holder).await.expect("an answer"));
}

#[tokio::test]
async fn two_names_of_one_file_are_one_lock() {
    let stage = Stage::new();
    let (_first, _lease) = stage.ready().await;
    std::os::unix::fs::symlink(stage.path("app.db"), stage.path("link.db")).expect("a link");
    let mut second = stage.open_as("link.db").await;
    let attempt = second.try_lock(&request()).await.expect("an answer");
    assert!(matches!(attempt, LockAttempt::Held(_)), "{attempt:?}");
}

#[tokio::test]
async fn looking_at_the_lock_takes_it_from_nobody() {
    let stage = Stage::new();
    let (mut first, lease) = stage.ready().await;
    first.unlock(&lease).await.expect("given back");
    let looking = File::open(stage.path("app.db-dbvc-lock")).expect("the lock's file");
    looking.lock_shared().expect("a look");
    let looker = std::thread::spawn(move || {
        std::thread::sleep(std::time::Duration::from_millis(3));
        drop(looking);
    });
    locked(&mut first).await;
    looker.join().expect("an end");
}

#[tokio::test]
async fn a_lock_file_that_cannot_be_made_is_explained() {
    let stage = Stage::new();
    let mut session = stage.open().await;
    session.install(&identity()).await.expect("a record");
    std::fs::create_dir(stage.path("app.db-dbvc-lock")).expect("a folder");
    let error = session.try_lock(&request()).await.expect_err("no lock");
    assert_eq!(error.kind, ErrorKind::Denied);
    assert!(error.notes[0].contains("must be writable"), "{error:?}");
}

#[tokio::test]
async fn without_a_record_the_lock_cannot_be_taken_and_nobody_holds_it() {
    let stage = Stage::new();
    let mut session = stage.open().await;
    let error = session.try_lock(&request()).await.expect_err("no record");
    assert_eq!(error.kind, ErrorKind::NotInstalled);
    let mut reader = stage
        .try_open("app.db", Access::ReadOnly)
        .await
        .expect("a session");
    assert_eq!(reader.holder("migrate").await.expect("an answer"), None);
}
