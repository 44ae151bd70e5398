//! What became of a broken-off statement.

use std::time::Duration;

use dbvc_engine::driver::{Effect, Limits, Session};

use crate::place::Place;
use crate::script::{Ears, statement, well};

async fn effect(session: &mut dyn Session, sql: &str) -> Effect {
    session.effect(&statement(sql), None).await.unwrap()
}

#[tokio::test]
async fn an_invalid_index_is_a_leftover_that_its_cleanup_removes() {
    let Some(place) = Place::new().await else { return };
    place
        .run("create table t(a int); insert into t values (1), (1)")
        .await;
    let mut session = place.session().await;
    let sql = "create unique index concurrently \"I 1\" on t(a)";
    assert!(matches!(effect(&mut *session, sql).await, Effect::Absent(_)));
    let outcome = session
        .execute(&[statement(sql)], &Limits::default(), &mut Ears::default())
        .await;
    assert!(outcome.failure.is_some());
    let Effect::Leftover { cleanup, .. } = effect(&mut *session, sql).await else {
        panic!("no leftover");
    };
    assert_eq!(cleanup, "DROP INDEX CONCURRENTLY IF EXISTS public.\"I 1\"");
    well(
        &session
            .execute(&[statement(&cleanup)], &Limits::default(), &mut Ears::default())
            .await,
    );
    assert!(matches!(effect(&mut *session, sql).await, Effect::Absent(_)));
    place.run("truncate t").await;
    well(
        &session
            .execute(&[statement(sql)], &Limits::default(), &mut Ears::default())
            .await,
    );
    assert!(matches!(effect(&mut *session, sql).await, Effect::Done(_)));
    let sql = "drop index concurrently \"I 1\"";
    assert!(matches!(effect(&mut *session, sql).await, Effect::Absent(_)));
    well(
        &session
            .execute(&[statement(sql)], &Limits::default(), &mut Ears::default())
            .await,
    );
    assert!(matches!(effect(&mut *session, sql).await, Effect::Done(_)));
}

#[tokio::test]
async fn a_namesake_in_another_schema_of_the_path_is_not_taken_for_it() {
    let Some(place) = Place::new().await else { return };
    place.run("create schema first; create schema second").await;
    let mut session = place.session().await;
    let path = statement("set search_path = first, second");
    well(
        &session
            .execute(&[path], &Limits::default(), &mut Ears::default())
            .await,
    );
    for (made, gone) in [
        ("create table t(a int)", "drop table t"),
        ("create type k as (a int)", "drop type k"),
    ] {
        place
            .run(&made.replace(" t(", " second.t(").replace(" k ", " second.k "))
            .await;
        assert!(
            matches!(effect(&mut *session, made).await, Effect::Absent(_)),
            "{made}"
        );
        assert!(
            matches!(effect(&mut *session, gone).await, Effect::Unknown(_)),
            "{gone}"
        );
        place
            .run(&made.replace(" t(", " first.t(").replace(" k ", " first.k "))
            .await;
        assert!(
            matches!(effect(&mut *session, made).await, Effect::Done(_)),
            "{made}"
        );
    }
    place.run("drop table first.t; drop table second.t").await;
    assert!(matches!(
        effect(&mut *session, "drop table t").await,
        Effect::Done(_)
    ));
}

#[tokio::test]
async fn a_statement_that_still_runs_is_seen() {
    let Some(place) = Place::new().await else { return };
    let mut worker = place.session().await;
    let sql = "select pg_sleep(1.5), 'ä'";
    let working = tokio::spawn(async move {
        worker
            .execute(&[statement(sql)], &Limits::default(), &mut Ears::default())
            .await
    });
    tokio::time::sleep(Duration::from_millis(500)).await;
    let mut session = place.session().await;
    // A session has a name only in the record.
    session.install(&crate::place::identity()).await.unwrap();
    let Effect::Running(pid) = effect(&mut *session, sql).await else {
        panic!("not seen");
    };
    let named = session.effect(&statement(sql), Some(&pid)).await.unwrap();
    assert_eq!(named, Effect::Running(pid));
    well(&working.await.unwrap());
    assert!(matches!(effect(&mut *session, sql).await, Effect::Unknown(_)));
}

#[tokio::test]
async fn databases_partitions_and_copies_of_indexes_are_looked_for() {
    let Some(place) = Place::new().await else { return };
    place
        .run(
            "create table t(a int) partition by range (a); create table p partition of t for values from (1) to (2); \
             create table plain(a int primary key)",
        )
        .await;
    let mut session = place.session().await;
    let sql = format!("create database \"{}\"", place.name());
    assert!(matches!(effect(&mut *session, &sql).await, Effect::Done(_)));
    assert!(matches!(
        effect(&mut *session, "create database nowhere").await,
        Effect::Absent(_)
    ));
    let sql = "alter table t detach partition p concurrently";
    assert!(matches!(effect(&mut *session, sql).await, Effect::Absent(_)));
    well(
        &session
            .execute(&[statement(sql)], &Limits::default(), &mut Ears::default())
            .await,
    );
    assert!(matches!(effect(&mut *session, sql).await, Effect::Done(_)));
    for sql in [
        "reindex table concurrently plain",
        "reindex index concurrently plain_pkey",
        "reindex database concurrently x",
    ] {
        assert!(
            matches!(effect(&mut *session, sql).await, Effect::Absent(_)),
            "{sql}"
        );
    }
}
