//! Opening what is there, what is not, and what is no database.

use dbvc_engine::driver::Access;
use dbvc_engine::error::ErrorKind;

use crate::stage::{Stage, ask, error_of, identity, request, run, run_with};

#[tokio::test]
async fn a_file_is_made_by_the_first_write_and_not_before() {
    let stage = Stage::new();
    let mut session = stage.open().await;
    assert_eq!(session.survey().await.expect("a survey").layout, None);
    assert!(stage.names().is_empty());
    run(&mut session, &["CREATE TABLE t(x)"]).await;
    assert_eq!(stage.names(), ["app.db"]);
}

#[tokio::test]
async fn reading_only_neither_makes_nor_changes_anything() {
    let stage = Stage::new();
    let mut missing = stage
        .try_open("app.db", Access::ReadOnly)
        .await
        .expect("an empty one");
    assert_eq!(missing.survey().await.expect("a survey").layout, None);
    assert_eq!(missing.overview().await.expect("an overview")[0].tables, 0);
    let refused = missing.install(&identity()).await.expect_err("a refusal");
    assert_eq!(refused.kind, ErrorKind::Denied, "{refused}");
    let refused = missing.try_lock(&request()).await.expect_err("a refusal");
    assert_eq!(refused.kind, ErrorKind::Denied, "{refused}");
    let outcome = run_with(&mut missing, "CREATE TABLE t(x)", &<_>::default()).await;
    assert_eq!(error_of(outcome).kind, ErrorKind::Denied);
    assert!(stage.names().is_empty(), "{:?}", stage.names());
}

#[tokio::test]
async fn a_session_sees_the_file_that_another_one_made() {
    let stage = Stage::new();
    let mut early = stage.open().await;
    let mut maker = stage.open().await;
    maker.install(&identity()).await.expect("a record");
    assert!(early.survey().await.expect("a survey").layout.is_some());
}

#[tokio::test]
async fn what_cannot_be_opened_is_told_in_plain_words() {
    let stage = Stage::new();
    std::fs::write(
        stage.path("notes.txt"),
        "not a database at all, but long enough for a header ".repeat(4),
    )
    .expect("a file");
    std::fs::create_dir(stage.path("folder")).expect("a folder");
    for (name, says) in [
        ("notes.txt", "notes.txt is not a SQLite database"),
        ("folder", "is a folder, not a database file"),
        ("nowhere/app.db", "nowhere does not exist; create it first"),
        ("app.db?mode=rw", "does not exist, and `mode=rw`"),
        ("app.db?mode=wr", "mode: expected `ro`, `rw` or `rwc`"),
    ] {
        for access in [Access::ReadOnly, Access::ReadWrite] {
            if access == Access::ReadOnly && name == "app.db?mode=rw" {
                continue;
            }
            let error = stage.try_open(name, access).await.expect_err(name);
            assert!(error.message.contains(says), "{name}: {error}");
            assert_eq!(error.kind, ErrorKind::Unreachable, "{name}: {error}");
        }
    }
}

async fn wal_database(stage: &Stage) -> Box<dyn dbvc_engine::driver::Session> {
    let mut writer = stage.open().await;
    let statements = [
        "PRAGMA journal_mode = wal",
        "CREATE TABLE t(x)",
        "INSERT INTO t VALUES (7)",
    ];
    run(&mut writer, &statements).await;
    writer
}

#[tokio::test]
async fn a_database_in_wal_mode_is_read_while_another_process_has_it_open() {
    let stage = Stage::new();
    let _writer = wal_database(&stage).await;
    let mut reader = stage
        .try_open("app.db", Access::ReadOnly)
        .await
        .expect("a session");
    assert_eq!(ask(&mut reader, "SELECT x FROM t").await, "7");
}

#[tokio::test]
async fn a_database_in_wal_mode_is_read_where_no_file_can_be_made_beside_it() {
    let stage = Stage::new();
    wal_database(&stage).await.close().await.expect("a farewell");
    // A folder of that name stops SQLite as a folder without rights would, also for the superuser.
    std::fs::create_dir(stage.path("app.db-shm")).expect("a folder");
    let mut reader = stage
        .try_open("app.db", Access::ReadOnly)
        .await
        .expect("a session");
    assert_eq!(ask(&mut reader, "SELECT x FROM t").await, "7");
}

#[tokio::test]
async fn a_write_ahead_log_that_cannot_be_read_is_not_left_out_in_silence() {
    let stage = Stage::new();
    let _writer = wal_database(&stage).await;
    for ending in ["", "-wal"] {
        let from = stage.path(&format!("app.db{ending}"));
        std::fs::copy(from, stage.path(&format!("copy.db{ending}"))).expect("a copy");
    }
    std::fs::create_dir(stage.path("copy.db-shm")).expect("a folder");
    let mut reader = stage
        .try_open("copy.db", Access::ReadOnly)
        .await
        .expect("a session");
    assert_eq!(ask(&mut reader, "SELECT x FROM t").await, "7");
}

#[tokio::test]
async fn foreign_keys_are_enforced_unless_the_url_says_otherwise() {
    let stage = Stage::new();
    let mut enforced = stage.open().await;
    assert_eq!(ask(&mut enforced, "PRAGMA foreign_keys").await, "1");
    let mut free = stage.open_as("app.db?foreign_keys=off").await;
    assert_eq!(ask(&mut free, "PRAGMA foreign_keys").await, "0");
}

#[tokio::test]
async fn the_overview_counts_what_is_the_users() {
    let stage = Stage::new();
    let mut session = stage.open().await;
    session.install(&identity()).await.expect("a record");
    let statements = [
        "CREATE TABLE t(id integer primary key autoincrement)",
        "CREATE TABLE versionXcontrolX(x)",
        "CREATE VIEW v AS SELECT 1",
        "CREATE VIRTUAL TABLE words USING fts5(text)",
    ];
    run(&mut session, &statements).await;
    let overview = session.overview().await.expect("an overview");
    assert_eq!((overview[0].tables, overview[0].views), (3, 1), "{overview:?}");
}

/// A copy of the database as a writer leaves it that is killed in the middle of a transaction.
async fn killed_writer(stage: &Stage) {
    let mut writer = stage.open().await;
    let statements = [
        "CREATE TABLE t(x)",
        "INSERT INTO t VALUES (7)",
        "PRAGMA cache_size = 1",
    ];
    run(&mut writer, &statements).await;
    writer.install(&identity()).await.expect("a record");
    let lease = crate::stage::locked(&mut writer).await;
    writer.begin(&lease.fence).await.expect("a transaction");
    let many = "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 500) \
                INSERT INTO t SELECT hex(randomblob(500)) FROM n";
    run(&mut writer, &["UPDATE t SET x = 8", many]).await;
    for ending in ["", "-journal"] {
        let from = stage.path(&format!("app.db{ending}"));
        std::fs::copy(from, stage.path(&format!("copy.db{ending}"))).expect("a copy");
    }
}

#[tokio::test]
async fn what_a_killed_writer_left_is_undone_by_the_next_who_looks() {
    let stage = Stage::new();
    killed_writer(&stage).await;
    let mut reader = stage
        .try_open("copy.db", Access::ReadOnly)
        .await
        .expect("readable");
    assert_eq!(ask(&mut reader, "SELECT group_concat(x) FROM t").await, "7");
}

#[tokio::test]
async fn what_a_killed_writer_left_is_explained_where_nothing_may_be_written() {
    let stage = Stage::new();
    killed_writer(&stage).await;
    let error = stage
        .try_open("copy.db?mode=ro", Access::ReadOnly)
        .await
        .expect_err("unreadable");
    assert!(error.notes[0].contains("rollback journal"), "{error:?}");
    let mut writer = stage.open_as("copy.db").await;
    assert_eq!(ask(&mut writer, "SELECT group_concat(x) FROM t").await, "7");
}
