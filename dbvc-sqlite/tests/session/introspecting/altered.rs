//! The way that is written from one schema to another leads there, and back.

use dbvc_engine::driver::{Altered, Session};
use dbvc_engine::schema::Database;

use super::mutations::EDITS;
use super::{SHOP, between, made, read};
use crate::stage::run_with;

fn way(before: &Database, after: &Database) -> Altered {
    let driver = dbvc_sqlite::driver();
    driver
        .ddl()
        .expect("a writer")
        .alter(before, after)
        .expect("a way")
}

/// What is wrong after the script ran, if anything is.
pub(super) async fn arrives(
    session: &mut Box<dyn Session>,
    before: &Database,
    after: &Database,
) -> Option<String> {
    let written = way(before, after);
    let outcome = run_with(session, &written.sql, &dbvc_engine::driver::Limits::default()).await;
    if let Some(failure) = outcome.failure {
        return Some(format!("{:?}\n{}", failure.cause, written.sql));
    }
    let found = between(&session.introspect().await.expect("a schema"), after);
    (!found.is_empty()).then(|| format!("{found}{}", written.sql))
}

#[tokio::test]
async fn every_change_is_written_and_so_is_its_undoing() {
    let shop = read(SHOP).await;
    let mut wrong = Vec::new();
    for (from, to, _) in EDITS {
        let edited = SHOP.replacen(from, to, 1);
        let changed = read(&edited).await;
        let (_stage, mut session) = made(SHOP).await;
        if let Some(told) = arrives(&mut session, &shop, &changed).await {
            wrong.push(format!("=== there: {from} → {to}\n{told}"));
            continue;
        }
        if let Some(told) = arrives(&mut session, &changed, &shop).await {
            wrong.push(format!("=== back: {from} → {to}\n{told}"));
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

#[tokio::test]
async fn from_nothing_to_everything_and_back() {
    let (_stage, mut session) = made("SELECT 1").await;
    let nothing = session.introspect().await.expect("a schema");
    let shop = read(SHOP).await;
    assert_eq!(arrives(&mut session, &nothing, &shop).await, None);
    assert_eq!(arrives(&mut session, &shop, &nothing).await, None);
}

#[tokio::test]
async fn rows_stay_when_their_table_is_made_anew() {
    let script = "CREATE TABLE a (id INTEGER PRIMARY KEY, name TEXT); CREATE TABLE b (a INTEGER REFERENCES a ON DELETE CASCADE)";
    let rows = "INSERT INTO a VALUES (1, 'x'), (2, NULL); INSERT INTO b VALUES (1), (2)";
    let (_stage, mut session) = made(&format!("{script}; {rows}")).await;
    let before = session.introspect().await.expect("a schema");
    let after = read(&script.replace("name TEXT", "name VARCHAR(9) NOT NULL DEFAULT 'none'")).await;
    assert_eq!(arrives(&mut session, &before, &after).await, None);
    let count = "SELECT group_concat(name) || (SELECT count(*) FROM b) FROM a";
    assert_eq!(crate::stage::ask(&mut session, count).await, "x,none2");
}

#[tokio::test]
async fn what_destroys_data_says_so() {
    let (one, other) = (
        read("CREATE TABLE a (x, y); CREATE TABLE b (z)").await,
        read("CREATE TABLE a (x)").await,
    );
    let written = way(&one, &other);
    assert_eq!(written.losses, ["column y of table a", "table b with its rows"]);
    assert!(
        written.sql.contains("-- Destroys data: column y of table a."),
        "{}",
        written.sql
    );
}

#[tokio::test]
async fn a_name_does_not_leave_its_comment() {
    let odd = "CREATE TABLE t (x); CREATE TABLE \"x\nDROP TABLE t; --\" (y)";
    let (_stage, mut session) = made(odd).await;
    let before = session.introspect().await.expect("a schema");
    let after = read("CREATE TABLE t (x)").await;
    assert_eq!(arrives(&mut session, &before, &after).await, None);
}
