//! The record, written and read on a real file.

use std::time::{Duration, Instant};

use dbvc_engine::driver::{
    Access, Action, AppliedState, End, EntryStatus, ExecutionFilter, LAYOUT, Limits, Progress, Registration,
};
use dbvc_engine::error::ErrorKind;

use crate::stage::{Stage, ask, completed, execution, identity, run};

#[tokio::test]
async fn installing_twice_and_at_once_makes_one_record() {
    let stage = Stage::new();
    let (mut one, mut two) = (stage.open().await, stage.open().await);
    let identity = identity();
    let (first, second) = tokio::join!(one.install(&identity), two.install(&identity));
    for made in [first, second] {
        // Who comes second may be asked to try again, which the engine does.
        assert!(
            made.is_ok() || made.as_ref().is_err_and(|error| error.kind.is_retryable()),
            "{made:?}"
        );
    }
    one.install(&identity).await.expect("a record");
    two.install(&identity).await.expect("a record");
    assert_eq!(two.survey().await.expect("a survey").layout, Some(LAYOUT));
    assert_eq!(two.overview().await.expect("an overview")[0].tables, 0);
}

#[tokio::test]
async fn a_newer_layout_is_refused() {
    let stage = Stage::new();
    let mut session = stage.open().await;
    session.install(&identity()).await.expect("a record");
    run(
        &mut session,
        &["UPDATE version_control_db_inventory SET layout = 99"],
    )
    .await;
    let refused = session.install(&identity()).await.expect_err("too new");
    assert_eq!(refused.kind, ErrorKind::Unsupported, "{refused}");
}

#[tokio::test]
async fn a_damaged_record_is_an_error() {
    let stage = Stage::new();
    let (mut session, lease) = stage.ready().await;
    session
        .record(&lease.fence, &execution("1"), &completed())
        .await
        .expect("an entry");
    for damage in [
        "status = 'sideways'",
        "applied_at = 'yesterday'",
        "statements_done = 'x'",
    ] {
        let sql = format!("UPDATE version_control_migration_applied_status SET {damage}");
        run(&mut session, &[sql.as_str()]).await;
        let error = session.survey().await.expect_err(damage);
        assert_eq!(error.kind, ErrorKind::Protocol, "{damage}: {error}");
    }
}

#[tokio::test]
async fn a_stepwise_run_is_seen_by_others_at_every_step() {
    let stage = Stage::new();
    let (mut session, lease) = stage.ready().await;
    let mut reader = stage
        .try_open("app.db", Access::ReadOnly)
        .await
        .expect("a session");
    let mut progress = Progress {
        done: 0,
        digest: String::new(),
        in_flight: Some("VACUUM -- it's".into()),
    };
    let rank = session
        .start(&lease.fence, &execution("1"), &progress)
        .await
        .expect("a rank");
    let seen = reader.survey().await.expect("a survey").applied.remove(0);
    assert_eq!((seen.state, seen.rank), (AppliedState::Partial, rank));
    assert_eq!(seen.in_flight.as_deref(), Some("VACUUM -- it's"));
    progress.done = 1;
    progress.in_flight = None;
    session
        .advance(&lease.fence, rank, &progress)
        .await
        .expect("progress");
    assert_eq!(
        reader.survey().await.expect("a survey").applied[0].statements_done,
        1
    );
    let end = End {
        statements_done: 1,
        ..completed()
    };
    session.finish(&lease.fence, rank, &end).await.expect("an end");
    let seen = reader.survey().await.expect("a survey").applied.remove(0);
    assert_eq!((seen.state, seen.in_flight), (AppliedState::Applied, None));
    let entries = reader
        .executions(&ExecutionFilter::default())
        .await
        .expect("a history");
    assert_eq!(entries.len(), 1);
    assert_eq!(entries[0].status, EntryStatus::Completed);
    assert!(entries[0].duration.is_some());
}

#[tokio::test]
async fn the_registry_keeps_texts_as_they_are() {
    let stage = Stage::new();
    let (mut session, lease) = stage.ready().await;
    let text = "-- it's ü\nINSERT INTO t VALUES ('a\\', \"b\");\n";
    let mut entry = execution("1");
    entry.registration = Some(Registration {
        up_script: Some(text.into()),
        down_script: None,
    });
    session
        .record(&lease.fence, &entry, &completed())
        .await
        .expect("an entry");
    // Texts that are not given leave the kept ones alone.
    session
        .record(&lease.fence, &execution("1"), &completed())
        .await
        .expect("an entry");
    let kept = session
        .registration("1")
        .await
        .expect("an answer")
        .expect("a registration");
    assert_eq!((kept.up_script.as_deref(), kept.down_script), (Some(text), None));
    assert!(session.registration("2").await.expect("an answer").is_none());
}

#[tokio::test]
async fn a_rollback_makes_repeatable_migrations_stale() {
    let stage = Stage::new();
    let (mut session, lease) = stage.ready().await;
    let mut views = execution("R__views");
    (views.kind, views.version) = ("repeatable".into(), None);
    let mut undo = execution("1");
    undo.action = Action::Rollback;
    let undone = End {
        state: Some(AppliedState::RolledBack),
        ..completed()
    };
    for (entry, end) in [
        (execution("1"), completed()),
        (views, completed()),
        (undo, undone),
    ] {
        session
            .record(&lease.fence, &entry, &end)
            .await
            .expect("an entry");
    }
    let applied = session.survey().await.expect("a survey").applied;
    let states: Vec<_> = applied.iter().map(|entry| entry.state).collect();
    assert_eq!(states, [AppliedState::Stale, AppliedState::RolledBack]);
}

#[tokio::test]
async fn people_can_read_the_record_with_plain_sql() {
    let stage = Stage::new();
    let (mut session, lease) = stage.ready().await;
    for version in ["1.2.0", "1.10.0", "1.9.0"] {
        let entry = execution(version);
        session
            .record(&lease.fence, &entry, &completed())
            .await
            .expect("an entry");
    }
    let newest = "SELECT version FROM version_control_database_version";
    assert_eq!(ask(&mut session, newest).await, "1.10.0");
    let runs = "SELECT count(*) FROM version_control_deployment_history WHERE environment_name = 'test'";
    assert_eq!(ask(&mut session, runs).await, "3");
    let board =
        "SELECT executions || status FROM version_control_migration_dashboard WHERE version = '1.9.0'";
    assert_eq!(ask(&mut session, board).await, "1applied");
}

#[tokio::test]
async fn five_thousand_migrations_are_surveyed_at_once() {
    let stage = Stage::new();
    let (mut session, _lease) = stage.ready().await;
    let fill = "INSERT INTO version_control_migration_applied_status (migration_id, version, description, kind, \
                script, checksum, status, action, execution_id, applied_at, applied_by, duration_ms, \
                statements_done) SELECT 'm' || value, value, 'd', 'versioned', 's', 'c', 'applied', 'migrate', \
                value, '2026-11-21T00:00:00.000Z', 'ann', 1, 1 FROM generate_series(1, 5000)";
    let fill = fill.replace(
        "generate_series(1, 5000)",
        "(WITH RECURSIVE n(value) AS (SELECT 1 UNION ALL SELECT value + 1 FROM n WHERE value < 5000) \
         SELECT value FROM n)",
    );
    run(&mut session, &[fill.as_str()]).await;
    let begun = Instant::now();
    let survey = session.survey().await.expect("a survey");
    assert_eq!(survey.applied.len(), 5000);
    assert!(begun.elapsed() < Duration::from_secs(2), "{:?}", begun.elapsed());
    let some = ExecutionFilter {
        migration: None,
        limit: Some(2),
    };
    assert!(session.executions(&some).await.expect("a history").is_empty());
    assert_eq!(ask(&mut session, "SELECT 1").await, "1");
    assert!(Limits::default().statement_timeout.is_none());
}
