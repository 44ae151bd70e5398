//! Scratch databases: empty, alike, marked, and gone at the end.

use dbvc_engine::driver::{Driver as _, Scratch, Target};
use mysql_async::prelude::Queryable as _;

use crate::place::{Place, places, plain};

async fn made(place: &Place) -> Box<dyn Scratch> {
    dbvc_mysql::driver().scratch(&place.target(), None).await.unwrap()
}

async fn exists(place: &Place, name: &str) -> bool {
    let mut conn = plain(&place.url).await;
    let query = format!("SELECT COUNT(*) FROM information_schema.schemata WHERE schema_name = '{name}'");
    let count: Option<u8> = conn.query_first(query).await.unwrap();
    conn.disconnect().await.unwrap();
    count == Some(1)
}

async fn schema(target: &Target) -> dbvc_engine::schema::Database {
    let mut session = dbvc_mysql::driver().connect(target).await.unwrap();
    session.introspect().await.unwrap()
}

#[tokio::test]
async fn it_is_empty_and_like_the_database_beside_it() {
    for place in places().await {
        let mut conn = plain(&place.url).await;
        conn.query_drop("ALTER DATABASE COLLATE latin1_german1_ci")
            .await
            .unwrap();
        conn.disconnect().await.unwrap();
        let scratch = made(&place).await;
        assert_eq!(schema(scratch.target()).await, schema(&place.target()).await);
        let name = scratch.target().database_name();
        assert!(exists(&place, &name).await);
        scratch.remove().await.unwrap();
        assert!(!exists(&place, &name).await);
    }
}

#[tokio::test]
async fn whoever_holds_a_lock_in_it_does_not_keep_it() {
    for place in places().await {
        let scratch = made(&place).await;
        let target = scratch.target().clone();
        let mut inside = plain(target.reveal_url().as_str()).await;
        inside.query_drop("CREATE TABLE t (a int)").await.unwrap();
        inside.query_drop("BEGIN").await.unwrap();
        inside.query_drop("SELECT * FROM t").await.unwrap();
        scratch.remove().await.unwrap();
        assert!(!exists(&place, &target.database_name()).await);
    }
}

#[tokio::test]
async fn what_a_killed_run_left_goes_with_the_next_and_what_is_not_ours_stays() {
    for place in places().await {
        let letters = if place.server == "mysql" { "a" } else { "b" };
        let names = ["0", "1", "2"].map(|digit| format!("dbvc_scratch_{}{digit}", letters.repeat(31)));
        let mut conn = plain(&place.url).await;
        let new = "UNIX_TIMESTAMP()";
        let now: u64 = conn.query_first(format!("SELECT {new}")).await.unwrap().unwrap();
        for (name, mark) in names.iter().zip([
            "dbvc scratch database, made at 1000".to_owned(),
            "mine".to_owned(),
            format!("dbvc scratch database, made at {now}"),
        ]) {
            conn.query_drop(format!("CREATE DATABASE {name}")).await.unwrap();
            let sql = format!("CREATE TABLE {name}.version_control_scratch (a int) COMMENT '{mark}'");
            conn.query_drop(sql).await.unwrap();
        }
        made(&place).await.remove().await.unwrap();
        let mut left = Vec::new();
        for name in &names {
            left.push(exists(&place, name).await);
            conn.query_drop(format!("DROP DATABASE IF EXISTS {name}"))
                .await
                .unwrap();
        }
        assert_eq!(left, [false, true, true], "{}", place.server);
    }
}

#[tokio::test]
async fn it_is_made_for_a_database_that_does_not_exist_yet() {
    for place in places().await {
        let target = place.target().with_database("not_there_yet");
        let scratch = dbvc_mysql::driver().scratch(&target, None).await.unwrap();
        schema(scratch.target()).await;
        scratch.remove().await.unwrap();
    }
}
