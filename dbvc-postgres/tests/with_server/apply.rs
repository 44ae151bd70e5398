//! One message for a whole migration.

use std::fmt::Write as _;

use dbvc_engine::driver::{Capabilities, DdlRollback, Fence};
use dbvc_engine::error::{ErrorKind, Operation, Position};

use crate::place::{Place, acquired, driver, request};
use crate::proxy::Proxy;
use crate::script::{Ears, apply, apply_with, failure, statement, well};

#[tokio::test]
async fn a_migration_that_fits_is_one_round_trip() {
    let Some(place) = Place::new().await else { return };
    let (_keeper, lease) = place.locked().await;
    let proxy = Proxy::before(&place.target()).await;
    let mut runner = driver().connect(&proxy.target(&place.target())).await.unwrap();
    proxy.take();
    let text = "create table t(a int);\ninsert into t values (1), (2);\nselect * from t;";
    let outcome = apply(&mut *runner, &lease.fence, "1", text).await;
    well(&outcome);
    assert_eq!(proxy.take(), 1);
    assert_eq!((outcome.statements, outcome.rows), (3, 2));
    assert!(outcome.duration.as_micros() > 0);
    let survey = runner.survey().await.unwrap();
    assert_eq!(proxy.take(), 1);
    assert_eq!(survey.applied.len(), 1);
    assert_eq!(survey.applied[0].description, "a test's \\ 'migration'");
    let history = runner
        .executions(&dbvc_engine::driver::ExecutionFilter::default())
        .await
        .unwrap();
    assert_eq!(history[0].statements_done, 3);
}

#[tokio::test]
async fn opening_a_run_costs_few_round_trips() {
    let Some(place) = Place::new().await else { return };
    let proxy = Proxy::before(&place.target()).await;
    let target = proxy.target(&place.target());
    let mut session = driver().connect(&target).await.unwrap();
    let survey = session.survey().await.unwrap();
    session.close().await.unwrap();
    assert_eq!(survey.layout, None);
    // Start-up, two of SCRAM, the survey, a look whether anything is left of a record, which only a database without one
    // costs, and the goodbye, which nobody answers.
    let trips = proxy.take();
    assert!(trips <= 6, "{trips} round trips");
}

#[tokio::test]
async fn an_error_is_placed_in_its_statement_and_nothing_stays() {
    let Some(place) = Place::new().await else { return };
    let (mut session, lease) = place.locked().await;
    let text = "create table \"tä→b\"(a int);\n/* ö */ insert into \"tä→b\" values (1);\n\
                select 'ß→' as x, missing from \"tä→b\" -- why\n;\nselect 1";
    let outcome = apply(&mut *session, &lease.fence, "1", text).await;
    assert_eq!(outcome.statements, 2);
    let (sql, error) = failure(outcome);
    let sql = sql.unwrap();
    assert!(sql.starts_with("select 'ß→'"), "{sql}");
    let at = sql[..sql.find("missing").unwrap()].chars().count();
    assert_eq!(error.position, Some(Position::Char(u32::try_from(at).unwrap())));
    assert_eq!(error.code.as_deref(), Some("42703"));
    assert_eq!(place.cell("to_regclass('\"tä→b\"')").await, "");
    well(&apply(&mut *session, &lease.fence, "1", "create table t(a int)").await);
}

#[tokio::test]
async fn an_unknown_column_of_an_index_is_placed_though_the_server_does_not() {
    let Some(place) = Place::new().await else { return };
    let (mut session, lease) = place.locked().await;
    let text = "create table invoice(customer_id int);\ncreate index i on invoice(custmer_id)";
    let (sql, error) = failure(apply(&mut *session, &lease.fence, "1", text).await);
    assert_eq!(sql.as_deref(), Some("create index i on invoice(custmer_id)"));
    assert_eq!(error.position, Some(Position::Char(26)));
}

#[tokio::test]
async fn a_run_time_error_names_its_statement_without_a_place() {
    let Some(place) = Place::new().await else { return };
    let (mut session, lease) = place.locked().await;
    let text =
        "create table t(a int primary key); insert into t values (1); insert into t values (1); select 2";
    let outcome = apply(&mut *session, &lease.fence, "1", text).await;
    assert_eq!(outcome.statements, 2);
    let (sql, error) = failure(outcome);
    assert_eq!(sql.as_deref(), Some("insert into t values (1)"));
    assert_eq!((error.kind, error.position), (ErrorKind::Statement, None));
    assert!(
        error.notes.iter().any(|note| note.contains("already exists")),
        "{error:?}"
    );
}

#[tokio::test]
async fn a_syntax_error_anywhere_is_placed() {
    let Some(place) = Place::new().await else { return };
    let (mut session, lease) = place.locked().await;
    let outcome = apply(&mut *session, &lease.fence, "1", "create table t(a int); selct 1").await;
    let (sql, error) = failure(outcome);
    assert_eq!(sql.as_deref(), Some("selct 1"));
    assert_eq!(error.position, Some(Position::Char(0)));
    assert_eq!(place.cell("to_regclass('t')").await, "");
}

#[tokio::test]
async fn a_large_script_goes_in_several_messages_and_all_or_nothing() {
    let Some(place) = Place::new().await else { return };
    let (mut session, lease) = place.locked().await;
    let mut text = "create table t(a int, b text);\n".to_owned();
    for number in 0..3000 {
        let _ = writeln!(text, "insert into t values ({number}, '{}');", "x".repeat(60));
    }
    let mut ears = Ears::default();
    let limits = dbvc_engine::driver::Limits::default();
    let outcome = apply_with(&mut *session, &lease.fence, "1", &text, &limits, &mut ears).await;
    well(&outcome);
    assert_eq!((outcome.statements, outcome.rows), (3001, 3000));
    assert!(ears.progress.len() > 2, "{:?}", ears.progress);
    assert_eq!(ears.progress.last(), Some(&3001));

    text = text.replace("table t(", "table u(").replace("into t ", "into u ");
    text.push_str("insert into u values (1/0, 'x')");
    let outcome = apply(&mut *session, &lease.fence, "2", &text).await;
    assert_eq!(outcome.statements, 3001);
    let (sql, error) = failure(outcome);
    assert_eq!(sql.as_deref(), Some("insert into u values (1/0, 'x')"));
    assert_eq!(error.code.as_deref(), Some("22012"));
    assert_eq!(place.cell("to_regclass('u')").await, "");
}

#[tokio::test]
async fn copied_rows_are_loaded_and_an_error_names_their_line() {
    let Some(place) = Place::new().await else { return };
    let (mut session, lease) = place.locked().await;
    let text =
        "create table t(a int, b text);\ncopy t from stdin;\n1\tone\n2\ttwö\n\\.\nupdate t set a = a + 1;\n";
    let outcome = apply(&mut *session, &lease.fence, "1", text).await;
    well(&outcome);
    assert_eq!((outcome.statements, outcome.rows), (3, 4));
    assert_eq!(
        place
            .cell("select string_agg(a || b, ' ' order by a) from t")
            .await,
        "2one 3twö"
    );

    let text = "delete from t;\ncopy t from stdin;\n1\tone\nx\ttwo\n\\.\n";
    let (sql, error) = failure(apply(&mut *session, &lease.fence, "2", text).await);
    assert_eq!(sql.as_deref(), Some("copy t from stdin"));
    assert!(
        error.notes.iter().any(|note| note.contains("COPY t, line 2")),
        "{error:?}"
    );
    assert_eq!(place.cell("select count(*) from t").await, "2");
    let (_, error) = failure(
        apply(
            &mut *session,
            &lease.fence,
            "2",
            "copy nowhere from stdin;\n1\n\\.\n",
        )
        .await,
    );
    assert_eq!(error.code.as_deref(), Some("42P01"));
    well(&apply(&mut *session, &lease.fence, "2", "select 1").await);
}

#[tokio::test]
async fn a_stale_fence_is_refused_inside_and_outside() {
    let Some(place) = Place::new().await else { return };
    let (mut session, lease) = place.locked().await;
    let stale = Fence {
        token: lease.fence.token - 1,
        ..lease.fence.clone()
    };
    let (statement_of, error) = failure(apply(&mut *session, &stale, "1", "create table t(a int)").await);
    assert_eq!((statement_of, error.kind), (None, ErrorKind::LockLost));
    assert_eq!(session.begin(&stale).await.unwrap_err().kind, ErrorKind::LockLost);
    let written = session
        .record(&stale, &crate::script::execution("1"), &crate::script::end())
        .await;
    assert_eq!(written.unwrap_err().kind, ErrorKind::LockLost);
    assert_eq!(place.cell("to_regclass('t')").await, "");
    well(&apply(&mut *session, &lease.fence, "1", "create table t(a int)").await);
}

#[tokio::test]
async fn a_script_that_ends_its_transaction_is_caught() {
    let Some(place) = Place::new().await else { return };
    let (mut session, lease) = place.locked().await;
    let outcome = apply(
        &mut *session,
        &lease.fence,
        "1",
        "create table t(a int); commit; create table u(a int)",
    )
    .await;
    let (_, error) = failure(outcome);
    assert_eq!(
        (error.kind, error.operation),
        (ErrorKind::Statement, Operation::Transaction)
    );
    assert!(error.message.contains("ended the transaction"), "{error}");
    assert!(session.survey().await.unwrap().applied.is_empty());
    well(&apply(&mut *session, &lease.fence, "1", "create table v(a int)").await);
}

#[tokio::test]
async fn a_deferred_constraint_fails_at_the_commit_and_rolls_back() {
    let Some(place) = Place::new().await else { return };
    let (mut session, lease) = place.locked().await;
    let text = "create table p(a int primary key); \
                create table c(a int references p deferrable initially deferred); insert into c values (1)";
    let (sql, error) = failure(apply(&mut *session, &lease.fence, "1", text).await);
    assert_eq!((sql, error.code.as_deref()), (None, Some("23503")));
    assert!(session.survey().await.unwrap().applied.is_empty());
}

#[tokio::test]
async fn what_a_script_sets_does_not_reach_the_record_or_the_next_script() {
    let Some(place) = Place::new().await else { return };
    let (mut session, lease) = place.locked().await;
    place
        .run(&format!(
            "create role r{0}; grant create on schema public to r{0}",
            place.name()
        ))
        .await;
    let text = format!(
        "select pg_catalog.set_config('search_path', '', false); set standard_conforming_strings = off; \
         create table public.t(a text default '\\\\'); set role r{}; create table public.u(a int)",
        place.name()
    );
    well(&apply(&mut *session, &lease.fence, "1", &text).await);
    well(
        &apply(
            &mut *session,
            &lease.fence,
            "2",
            "insert into t values (current_user)",
        )
        .await,
    );
    assert_ne!(place.cell("select a from t").await, format!("r{}", place.name()));
    assert_eq!(session.survey().await.unwrap().applied.len(), 2);
}

#[tokio::test]
async fn single_calls_make_one_transaction() {
    let Some(place) = Place::new().await else { return };
    let (mut session, lease) = place.locked().await;
    let limits = dbvc_engine::driver::Limits::default();
    session.begin(&lease.fence).await.unwrap();
    let statements = [
        statement("create table t(a int)"),
        statement("insert into t values (1)"),
    ];
    let outcome = session.execute(&statements, &limits, &mut Ears::default()).await;
    well(&outcome);
    assert_eq!((outcome.statements, outcome.rows), (2, 1));
    session.rollback().await.unwrap();
    assert_eq!(place.cell("to_regclass('t')").await, "");
    session.begin(&lease.fence).await.unwrap();
    well(&session.execute(&statements, &limits, &mut Ears::default()).await);
    session.commit().await.unwrap();
    assert_eq!(place.cell("select count(*) from t").await, "1");
    assert!(matches!(
        session.capabilities(),
        Capabilities {
            ddl: DdlRollback::Transaction,
            ..
        }
    ));
}

#[tokio::test]
async fn a_lock_that_changes_hands_waits_for_the_open_transaction() {
    let Some(place) = Place::new().await else { return };
    let (keeper, lease) = place.locked().await;
    let mut runner = place.session().await;
    runner.begin(&lease.fence).await.unwrap();
    drop(keeper);
    let mut other = place.session().await;
    let mut tries = 0;
    // The holder is dead as soon as the server saw its connection end, but its transaction pins the fence.
    for _ in 0..20 {
        // Until then it is held, and after that the open transaction is named.
        tries += usize::from(match other.try_lock(&request("other")).await {
            Ok(attempt) => matches!(attempt, dbvc_engine::driver::LockAttempt::Held(_)),
            Err(error) => error.kind == ErrorKind::LockTimeout,
        });
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(tries, 20);
    runner.rollback().await.unwrap();
    let lease = acquired(other.try_lock(&request("other")).await.unwrap());
    assert!(lease.taken_from.is_some());
}
