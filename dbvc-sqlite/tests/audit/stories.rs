//! What is told, shipped and signed.

use dbvc_engine::audit::Container;
use dbvc_engine::project::audit::{LogFilter, LogRequest, OnSinkFailure, anchor, flush, log, sign, waiting};
use dbvc_engine::project::{ExitClass, RollbackOptions, Selection, rollback};

use crate::sink::Memory;
use crate::stage::Project;

#[tokio::test]
async fn a_run_tells_of_itself_and_of_each_migration() {
    let project = Project::new();
    project.write_tables(2);
    project.migrate().await.expect("a run");
    let run = [
        "chain-started",
        "run-started",
        "started",
        "completed",
        "started",
        "completed",
        "run-completed",
    ];
    assert_eq!(project.actions().await, run);
    let events = log(&project.context(), &LogRequest::default())
        .await
        .expect("a log")
        .events;
    let completed = &events[3].event;
    assert_eq!(completed.actor.git_commit.as_deref(), Some("c0ffee"));
    assert_eq!(completed.reason.as_deref(), Some("ticket 7"));
    assert!(
        completed
            .plan_digest
            .as_ref()
            .is_some_and(|digest| digest.len() == 64)
    );
    assert_eq!(completed.plan_digest, events[1].event.plan_digest);
    project.migrate().await.expect("nothing to do");
    assert_eq!(
        project.actions().await,
        run,
        "a run with nothing to do tells nothing"
    );
    assert!(project.verify().await.is_sound(), "{:#?}", project.verify().await);
}

#[tokio::test]
async fn a_failure_and_a_rollback_are_told_without_the_errors_words() {
    let project = Project::new();
    project.write_tables(1);
    project.write(
        "migrations/V2.0__Bad.sql",
        "INSERT INTO hunter2 VALUES ('s3cret');",
    );
    project.migrate().await.expect_err("a failure");
    let options = RollbackOptions {
        selection: Selection::To("0".parse().expect("a version")),
    };
    rollback(&project.context(), &options, None, &mut |_| Ok(()))
        .await
        .expect("a rollback");
    assert_eq!(
        project.actions().await[3..],
        [
            "completed",
            "started",
            "failed",
            "run-failed",
            "run-started",
            "started",
            "rolled-back",
            "run-completed",
        ]
    );
    let events = log(&project.context(), &LogRequest::default())
        .await
        .expect("a log")
        .events;
    assert_eq!(events[5].event.error_class.as_deref(), Some("statement"));
    assert!(
        events
            .iter()
            .all(|logged| !logged.text.contains("s3cret") && !logged.text.contains("hunter2"))
    );
    assert!(project.verify().await.is_sound(), "{:#?}", project.verify().await);
}

#[tokio::test]
async fn a_script_outside_a_transaction_is_told_too() {
    let project = Project::new();
    project.write(
        "migrations/V1.0__Free.sql",
        "-- dbvc: no-transaction\nCREATE TABLE a(x int);\nCREATE TABLE b(x int);\nVACUUM;",
    );
    project.write(
        "migrations/V2.0__Half.sql",
        "-- dbvc: no-transaction\nCREATE TABLE c(x int);\nINSERT INTO nowhere VALUES (1);",
    );
    project.migrate().await.expect_err("the second fails");
    assert_eq!(
        project.actions().await[1..],
        [
            "run-started",
            "started",
            "completed",
            "started",
            "failed",
            "run-failed"
        ]
    );
    assert!(project.verify().await.is_sound(), "{:#?}", project.verify().await);
    project.write(
        "migrations/V2.0__Half.sql",
        "-- dbvc: no-transaction\nCREATE TABLE c(x int);\nINSERT INTO c VALUES (1);",
    );
    project.migrate().await.expect("it goes on");
    let report = project.verify().await;
    assert!(report.is_sound(), "{report:#?}");
}

#[tokio::test]
async fn events_reach_a_sink_after_each_run_once_and_in_order() {
    let sink = Memory::default();
    let project = Project {
        sink: Some((sink.clone(), OnSinkFailure::Warn)),
        ..Project::new()
    };
    project.write_tables(1);
    project.migrate().await.expect("a run");
    assert_eq!(sink.with(|state| state.events.len()), 5);
    let kept = sink.with(|state| state.documents.clone());
    assert!(
        kept.iter()
            .any(|(container, document)| *container == Container::Migrations && document.id == "1.0")
    );
    let report = flush(&project.context()).await.expect("a flush");
    assert_eq!(
        (
            report.sinks[0].shipped,
            report.sinks[0].waiting,
            report.sinks[0].documents
        ),
        (0, 0, 0)
    );
    assert!(project.verify().await.is_sound());
    let anchored = anchor(&project.context(), &[sink.settings(OnSinkFailure::Warn)])
        .await
        .expect("an anchor");
    assert_eq!(anchored.anchor.head.sequence, 5);
    assert_eq!(project.verify().await.anchors, 1);
}

#[tokio::test]
async fn a_sink_that_was_away_or_emptied_gets_everything_once() {
    let sink = Memory::default();
    let project = Project {
        sink: Some((sink.clone(), OnSinkFailure::Spool)),
        ..Project::new()
    };
    sink.with(|state| state.away = true);
    for count in [1, 200, 400] {
        project.write_tables(count);
        project.migrate().await.expect("a run");
    }
    let waits = waiting(&project.context()).await.expect("what waits");
    assert_eq!(
        (waits.sinks[0].waiting, waits.failed().count()),
        (1 + 3 * 2 + 800, 1)
    );
    sink.with(|state| {
        state.away = false;
        state.batches_left = Some(1);
    });
    flush(&project.context()).await.expect("the first batch");
    assert_eq!(sink.with(|state| state.events.len()), 500);
    sink.with(|state| {
        state.away = false;
        state.batches_left = None;
    });
    let report = flush(&project.context()).await.expect("the rest");
    assert_eq!((report.sinks[0].shipped, report.sinks[0].waiting), (307, 0));
    assert!(project.verify().await.is_sound());
    sink.with(|state| state.events.clear());
    assert!(!project.verify().await.is_sound(), "an emptied sink shows");
    let report = flush(&project.context()).await.expect("all again");
    assert_eq!(report.sinks[0].shipped, 807);
    assert!(project.verify().await.is_sound());
}

#[tokio::test]
async fn a_run_that_must_not_be_without_its_sink_refuses_or_ends_so() {
    let sink = Memory::default();
    let project = Project {
        sink: Some((sink.clone(), OnSinkFailure::Block)),
        ..Project::new()
    };
    project.write_tables(1);
    sink.with(|state| state.away = true);
    let refused = project.migrate().await.expect_err("it refuses");
    assert_eq!(refused.exit, ExitClass::AuditUnavailable);
    assert!(
        project.actions().await.is_empty(),
        "nothing ran, and no record was made"
    );
    sink.with(|state| {
        state.away = false;
    });
    project.migrate().await.expect("it was there");
    sink.with(|state| {
        state.batches_left = Some(1);
        state.events.clear();
    });
    project.write_tables(300);
    let ended = project.migrate().await.expect_err("it went away on the way");
    assert_eq!(
        (ended.exit, ended.steps.len()),
        (ExitClass::AuditUnavailable, 299)
    );
    assert!(
        ended.diagnostics[0].message.contains("could not be shipped"),
        "{ended:?}"
    );
}

#[tokio::test]
async fn a_run_signs_what_it_told_and_a_person_what_came_before_the_key() {
    let mut project = Project::new();
    project.write_tables(1);
    project.migrate().await.expect("a run");
    project.signs = true;
    assert!(!project.verify().await.is_sound(), "nothing is signed");
    assert_eq!(flush(&project.context()).await.expect("a flush").signed, 0);
    assert_eq!(sign(&project.context(), true).await.expect("signed"), 5);
    assert!(project.verify().await.is_sound());
    project.write_tables(2);
    project.migrate().await.expect("a run");
    let report = project.verify().await;
    assert!(report.is_sound(), "{report:#?}");
    assert_eq!(report.places[0].signed, Some(9));
}

#[tokio::test]
async fn the_log_gives_what_was_asked_for() {
    let project = Project::new();
    project.write_tables(3);
    project.migrate().await.expect("a run");
    let count = async |filter: LogFilter| {
        let request = LogRequest {
            filter,
            ..LogRequest::default()
        };
        log(&project.context(), &request)
            .await
            .expect("a log")
            .events
            .len()
    };
    let migration = Some("2.0".to_owned());
    assert_eq!(
        count(LogFilter {
            migration,
            ..LogFilter::default()
        })
        .await,
        2
    );
    let actor = Some("bob".to_owned());
    assert_eq!(
        count(LogFilter {
            actor,
            ..LogFilter::default()
        })
        .await,
        0
    );
    assert_eq!(
        count(LogFilter {
            limit: Some(2),
            ..LogFilter::default()
        })
        .await,
        2
    );
    assert_eq!(
        count(LogFilter {
            after: 8,
            ..LogFilter::default()
        })
        .await,
        1
    );
    let until = Some("2001-01-01T00:00:00Z".parse().expect("a time"));
    assert_eq!(
        count(LogFilter {
            until,
            ..LogFilter::default()
        })
        .await,
        0
    );
}
