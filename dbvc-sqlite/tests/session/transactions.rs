//! Units: all or nothing, whatever the script tries.

use dbvc_engine::driver::{AppliedState, ExecutionFilter, Limits, TransactionFit};
use dbvc_engine::error::{ErrorKind, Position};

use crate::stage::{Stage, apply, ask, error_of, run, run_with, statement};

#[tokio::test]
async fn a_unit_and_its_entry_are_kept_together() {
    let stage = Stage::new();
    let (mut session, lease) = stage.ready().await;
    let script = "CREATE TABLE t(x);\nINSERT INTO t VALUES (1), (2);\n\
                  CREATE TRIGGER g AFTER INSERT ON t BEGIN DELETE FROM t; SELECT 1; END;";
    let outcome = apply(&mut session, &lease.fence, script, &Limits::default()).await;
    assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
    assert_eq!((outcome.statements, outcome.rows), (3, 2));
    let survey = stage.open().await.survey().await.expect("a survey");
    assert_eq!(survey.applied[0].state, AppliedState::Applied);
    assert_eq!(survey.applied[0].description, "it's a \"test\" \\ ü");
}

#[tokio::test]
async fn a_failing_unit_leaves_nothing_and_names_the_place() {
    let stage = Stage::new();
    let (mut session, lease) = stage.ready().await;
    let script = "CREATE TABLE t(x);\nCREATE INDEX i ON t(y);";
    let outcome = apply(&mut session, &lease.fence, script, &Limits::default()).await;
    assert_eq!(outcome.statements, 1);
    let error = error_of(outcome);
    assert_eq!(error.kind, ErrorKind::Statement);
    assert_eq!(error.position, Some(Position::Byte(20)), "{error}");
    assert_eq!(session.overview().await.expect("an overview")[0].tables, 0);
    let entries = session.executions(&ExecutionFilter::default()).await;
    assert_eq!(entries.expect("a history").len(), 0);
}

#[tokio::test]
async fn a_scripts_own_commit_keeps_nothing_of_it() {
    for ending in ["COMMIT", "END TRANSACTION", "ROLLBACK", "COMMIT; BEGIN"] {
        let stage = Stage::new();
        let (mut session, lease) = stage.ready().await;
        let script = format!("CREATE TABLE t(x); {ending}; CREATE TABLE u(x);");
        let outcome = apply(&mut session, &lease.fence, &script, &Limits::default()).await;
        let error = error_of(outcome);
        assert!(
            error.message.contains("ended the transaction"),
            "{ending}: {error}"
        );
        assert_eq!(
            session.overview().await.expect("an overview")[0].tables,
            0,
            "{ending}"
        );
        let survey = session.survey().await.expect("a survey");
        assert!(survey.applied.is_empty(), "{ending}: {:?}", survey.applied);
        let again = apply(
            &mut session,
            &lease.fence,
            "CREATE TABLE t(x);",
            &Limits::default(),
        )
        .await;
        assert!(again.failure.is_none(), "{ending}: {:?}", again.failure);
    }
}

#[tokio::test]
async fn savepoints_inside_a_unit_are_the_scripts_own() {
    let stage = Stage::new();
    let (mut session, lease) = stage.ready().await;
    let script = "SAVEPOINT a; CREATE TABLE t(x); ROLLBACK TO a; RELEASE a; CREATE TABLE u(x);";
    let outcome = apply(&mut session, &lease.fence, script, &Limits::default()).await;
    assert!(outcome.failure.is_none(), "{:?}", outcome.failure);
    let tables = "SELECT group_concat(name) FROM sqlite_schema WHERE name IN ('t', 'u')";
    assert_eq!(ask(&mut session, tables).await, "u");
}

#[tokio::test]
async fn outside_a_transaction_a_script_cannot_open_one() {
    let stage = Stage::new();
    let mut session = stage.open().await;
    for sql in ["BEGIN", "begin exclusive", "SAVEPOINT a"] {
        let error = error_of(run_with(&mut session, sql, &Limits::default()).await);
        assert!(error.message.contains("would open a transaction"), "{error}");
    }
    run(&mut session, &["CREATE TABLE t(x)", "VACUUM"]).await;
}

#[tokio::test]
async fn a_deferred_foreign_key_fails_the_commit_and_names_the_row() {
    let stage = Stage::new();
    let (mut session, lease) = stage.ready().await;
    let script = "CREATE TABLE users(id integer primary key);\
                  CREATE TABLE orders(user int REFERENCES users(id) DEFERRABLE INITIALLY DEFERRED);\
                  INSERT INTO orders VALUES (9);";
    let error = error_of(apply(&mut session, &lease.fence, script, &Limits::default()).await);
    assert_eq!(error.code.as_deref(), Some("787"), "{error}");
    assert_eq!(
        error.notes,
        ["row 1 of orders refers to a row of users that is not there"]
    );
    assert_eq!(session.overview().await.expect("an overview")[0].tables, 0);
}

/// What the driver says of a statement is held against SQLite itself.
#[tokio::test]
async fn what_is_said_to_fit_a_transaction_fits_one() {
    for sql in [
        "CREATE TABLE n(x)",
        "ALTER TABLE t ADD COLUMN y",
        "ANALYZE",
        "REINDEX",
        "PRAGMA user_version = 3",
        "PRAGMA defer_foreign_keys = on",
        "PRAGMA foreign_key_check",
        "PRAGMA incremental_vacuum",
        "EXPLAIN VACUUM",
    ] {
        let fit = dbvc_sqlite::driver().transaction_fit(sql);
        assert_eq!(fit, TransactionFit::Fits, "{sql}");
        let failure = inside_a_transaction(sql).await;
        assert!(failure.is_none(), "{sql}: {failure:?}");
    }
    for sql in [
        "VACUUM",
        "DETACH other",
        "PRAGMA journal_mode = wal",
        "PRAGMA synchronous = off",
        "PRAGMA main.wal_checkpoint",
    ] {
        let fit = dbvc_sqlite::driver().transaction_fit(sql);
        assert!(matches!(fit, TransactionFit::Refused(_)), "{sql}");
        assert!(
            inside_a_transaction(sql).await.is_some(),
            "{sql} would do inside a transaction"
        );
    }
}

async fn inside_a_transaction(sql: &str) -> Option<String> {
    let stage = Stage::new();
    let (mut session, lease) = stage.ready().await;
    run(&mut session, &["CREATE TABLE t(x)"]).await;
    session.begin(&lease.fence).await.expect("a transaction");
    let outcome = session
        .execute(&[statement(sql)], &Limits::default(), &mut crate::stage::Deaf)
        .await;
    outcome.failure.map(|failure| format!("{failure:?}"))
}
