//! What is read of a schema: everything, always the same, and every change shows.

mod altered;
mod generated;
mod mutations;

use dbvc_engine::diff::{DiffOptions, Difference, diff};
use dbvc_engine::driver::Session;
use dbvc_engine::schema::{Body, Database, ObjectKey, ObjectKind};

use crate::stage::{Stage, run};

const SHOP: &str = include_str!("shop.sql");

async fn made(script: &str) -> (Stage, Box<dyn Session>) {
    let stage = Stage::new();
    let mut session = stage.open().await;
    run(&mut session, &[script]).await;
    (stage, session)
}

async fn read(script: &str) -> Database {
    made(script).await.1.introspect().await.expect("a schema")
}

/// The script that makes a schema again.
fn written(database: &Database) -> String {
    let driver = dbvc_sqlite::driver();
    let written = driver.ddl().expect("a writer").create(database);
    assert!(written.left_out.is_empty(), "{:?}", written.left_out);
    written.sql
}

fn between(before: &Database, after: &Database) -> Difference {
    diff(before, after, DiffOptions::default())
}

#[tokio::test]
async fn a_file_that_is_not_there_has_nothing_in_it() {
    let stage = Stage::new();
    let database = stage.open().await.introspect().await.expect("a schema");
    assert!(database.objects.is_empty());
    assert!(stage.names().is_empty());
}

#[tokio::test]
async fn two_files_made_alike_read_alike_to_the_byte() {
    let other = format!("CREATE TABLE gone (a); DROP TABLE gone; {SHOP}");
    let (one, other) = (read(SHOP).await, read(&other).await);
    assert_eq!(one.to_json(), other.to_json());
    assert_eq!(Database::from_json(&one.to_json()).expect("read back"), one);
}

#[tokio::test]
async fn layout_comments_and_quotes_make_no_difference() {
    let one = "CREATE TABLE t (a INTEGER PRIMARY KEY, b TEXT NOT NULL CHECK (length(b) > 0), UNIQUE (b)); \
               CREATE INDEX i ON t (b) WHERE a > 0";
    let other = "create table if not exists \"t\"(\n  [a] integer primary key -- the key\n  , b text not null\n  \
                 check(length( b )>0),\n  unique(b)\n); create index i on \"t\"(\"b\") where a>0";
    let found = between(&read(one).await, &read(other).await);
    assert!(found.is_empty(), "{found}");
}

#[tokio::test]
async fn a_column_that_is_added_reads_as_one_that_was_there() {
    let one = "CREATE TABLE t (a INTEGER, b TEXT DEFAULT 'x' CHECK (b <> ''))";
    let other = "CREATE TABLE t (a INTEGER); ALTER TABLE t ADD COLUMN b TEXT DEFAULT 'x' CHECK (b <> '')";
    let found = between(&read(one).await, &read(other).await);
    assert!(found.is_empty(), "{found}");
}

#[tokio::test]
async fn the_record_is_left_out() {
    let (_stage, mut session) = made(SHOP).await;
    let before = session.introspect().await.expect("a schema");
    session
        .install(&crate::stage::identity())
        .await
        .expect("a record");
    let found = between(&before, &session.introspect().await.expect("a schema"));
    assert!(found.is_empty(), "{found}");
}

#[tokio::test]
async fn constraints_are_read_with_all_they_have() {
    let database = read(SHOP).await;
    let Body::Table(plants) = &database.objects[&ObjectKey::new(ObjectKind::Table, "plants")].body else {
        panic!("no table");
    };
    assert!(plants.keys["plants_pkey"].primary && plants.keys["plants_pkey"].generated_name);
    assert!(!plants.checks["named"].generated_name);
    let key = &plants.foreign_keys["plants_pot_fkey"];
    assert_eq!(key.references.table, "pots");
    assert_eq!(key.on_delete.as_deref(), Some("cascade"));
    assert!(key.deferral.is_some());
    assert_eq!(
        plants.columns["label"]
            .generated
            .as_ref()
            .map(|it| it.expression.as_str()),
        Some("upper(name)")
    );
    assert_eq!(plants.columns["name"].collation.as_deref(), Some("NOCASE"));
}
