//! Everything that somebody changes past dbvc shows.

use dbvc_engine::audit::{AuditEvent, FindingKind, Sealed};
use dbvc_engine::driver::SnapshotKind;
use dbvc_engine::project::audit::{ChainRequest, LogRequest, OnSinkFailure, anchor, log, verify};
use dbvc_engine::project::{RollbackOptions, Selection, SnapshotRequest, keep_snapshot, rollback};

use crate::sink::Memory;
use crate::stage::Project;

async fn project() -> Project {
    let project = Project {
        sink: Some((Memory::default(), OnSinkFailure::Warn)),
        ..Project::new()
    };
    project.write_tables(2);
    project.write(
        "migrations/R__view.sql",
        "DROP VIEW IF EXISTS v; CREATE VIEW v AS SELECT 1;",
    );
    project.migrate().await.expect("a run");
    let options = RollbackOptions {
        selection: Selection::To("1.0".parse().expect("a version")),
    };
    rollback(&project.context(), &options, None, &mut |_| Ok(()))
        .await
        .expect("a rollback");
    let report = project.verify().await;
    assert!(report.is_sound(), "{report:#?}");
    project
}

/// The target alone shows it, without a sink.
async fn shows_alone(project: &Project, sql: &str) -> Vec<String> {
    let mut copy = project.copy();
    copy.sink = None;
    copy.sql(sql).await;
    let report = copy.verify().await;
    assert!(!report.is_sound(), "nobody sees `{sql}`");
    report
        .all_findings()
        .map(|finding| finding.message.clone())
        .collect()
}

#[tokio::test]
async fn every_edit_of_every_event_shows() {
    let project = project().await;
    let count = project.actions().await.len();
    assert!(count >= 12, "{count}");
    for sequence in 1..=count {
        let at = format!("WHERE sequence = {sequence}");
        let found = shows_alone(
            &project,
            &format!("UPDATE #audit_events SET event = replace(event, '20', '21') {at}"),
        )
        .await;
        assert!(
            found
                .iter()
                .any(|line| line.starts_with(&format!("event {sequence} "))),
            "{found:?}"
        );
        for sql in [
            format!("UPDATE #audit_events SET digest = replace(digest, substr(digest, 1, 1), 'g') {at}"),
            format!("DELETE FROM #audit_events {at}"),
            format!("DELETE FROM #audit_events WHERE sequence >= {sequence}"),
            format!("UPDATE #audit_events SET sequence = sequence + 1000 {at}"),
            format!(
                "INSERT INTO #audit_events SELECT sequence + 1000, event, digest, signature FROM #audit_events {at}"
            ),
        ] {
            shows_alone(&project, &sql).await;
        }
    }
    shows_alone(&project, "UPDATE #audit_heads SET sequence = sequence - 1").await;
    shows_alone(&project, "UPDATE #audit_heads SET digest = 'x'").await;
}

#[tokio::test]
async fn two_events_that_change_places_show() {
    let project = project().await;
    shows_alone(
        &project,
        "UPDATE #audit_events SET sequence = -1 WHERE sequence = 3; UPDATE #audit_events SET sequence = 3 WHERE \
         sequence = 4; UPDATE #audit_events SET sequence = 4 WHERE sequence = -1",
    )
    .await;
}

#[tokio::test]
async fn every_edited_entry_of_the_history_shows() {
    let project = project().await;
    for column in [
        "run_id",
        "migration_id",
        "description",
        "script",
        "checksum",
        "started_at",
        "finished_at",
        "duration_ms",
        "statements",
        "statements_done",
        "db_login",
        "executed_by",
        "host",
        "ci_job",
        "environment_name",
        "reason",
        "tool_version",
    ] {
        let value = match column {
            "run_id" => "'01a1ff77-91dc-76d6-9c90-b3f0a8026bd6'",
            "started_at" | "finished_at" => "'2020-01-01T00:00:00.000Z'",
            "duration_ms" | "statements" | "statements_done" => "4711",
            _ => "'x'",
        };
        for rank in 1..=3 {
            let sql = format!(
                "UPDATE #migration_execution_history SET {column} = {value} WHERE execution_id = {rank}"
            );
            shows_alone(&project, &sql).await;
        }
    }
}

#[tokio::test]
async fn every_edited_row_of_the_record_shows() {
    let project = project().await;
    for sql in [
        "UPDATE #migration_execution_history SET status = 'failed' WHERE execution_id = 1",
        "UPDATE #migration_execution_history SET action = 'fix' WHERE execution_id = 1",
        "DELETE FROM #migration_execution_history WHERE execution_id = 2",
        "INSERT INTO #migration_execution_history SELECT 99, run_id, migration_id, version, description, kind, script, \
         action, status, checksum, started_at, finished_at, duration_ms, statements, statements_done, transactional, \
         db_login, executed_by, host, ci_job, environment_name, reason, error_message, tool_version, session_id, fence \
         FROM #migration_execution_history WHERE execution_id = 1",
        "UPDATE #migration_applied_status SET status = 'applied' WHERE migration_id = '2.0'",
        "UPDATE #migration_applied_status SET status = 'applied' WHERE kind = 'repeatable'",
        "UPDATE #migration_applied_status SET checksum = 'x' WHERE migration_id = '1.0'",
        "DELETE FROM #migration_applied_status WHERE migration_id = '1.0'",
        "UPDATE #migration_applied_status SET migration_id = '9.0' WHERE migration_id = '1.0'",
        "UPDATE #migration_applied_status SET action = 'fix' WHERE migration_id = '1.0'",
        "UPDATE #migration_applied_status SET statements_done = 4711 WHERE migration_id = '1.0'",
        "UPDATE #migration_applied_status SET applied_by = 'x' WHERE migration_id = '1.0'",
        "UPDATE #migration_applied_status SET script = 'x' WHERE migration_id = '1.0'",
        "UPDATE #migration_applied_status SET description = 'x' WHERE migration_id = '1.0'",
        "UPDATE #migration_applied_status SET version = '7' WHERE migration_id = '1.0'",
        "UPDATE #migration_applied_status SET kind = 'repeatable' WHERE migration_id = '1.0'",
        "UPDATE #migration_registry SET version = '7' WHERE migration_id = '1.0'",
        "UPDATE #migration_registry SET kind = 'versioned' WHERE kind = 'repeatable'",
        "UPDATE #migration_registry SET checksum = 'x' WHERE migration_id = '1.0'",
        "DELETE FROM #migration_registry WHERE migration_id = '1.0'",
        "UPDATE #db_inventory SET layout = 99",
        "INSERT INTO #audit_heads SELECT 'other', database_id, sequence, digest FROM #audit_heads",
    ] {
        shows_alone(&project, sql).await;
    }
}

#[tokio::test]
async fn every_edited_added_or_deleted_snapshot_shows() {
    let mut project = project().await;
    project.sink = None;
    let request = SnapshotRequest {
        kind: SnapshotKind::Baseline,
        version: Some("1.0".into()),
    };
    keep_snapshot(&project.context(), &request)
        .await
        .expect("a snapshot");
    // Each run takes the place of the snapshot of the one before.
    for count in 3..=4 {
        project.write_tables(count);
        project.migrate().await.expect("a run");
    }
    let report = project.verify().await;
    assert!(report.is_sound(), "{report:#?}");
    for column in [
        "version",
        "kind",
        "taken_by",
        "checksum",
        "content",
        "executed_by",
        "host",
        "ci_job",
        "environment_name",
        "reason",
    ] {
        let value = if column == "kind" { "approved" } else { "x" };
        for id in [1, 3] {
            let sql = format!("UPDATE #schema_snapshots SET {column} = '{value}' WHERE snapshot_id = {id}");
            shows_alone(&project, &sql).await;
        }
    }
    for sql in [
        "UPDATE #schema_snapshots SET last_execution_id = 0",
        "DELETE FROM #schema_snapshots WHERE snapshot_id = 1",
        "DELETE FROM #schema_snapshots WHERE snapshot_id = 3",
        "DROP TABLE #schema_snapshots",
    ] {
        shows_alone(&project, sql).await;
    }
    let copied = |id: u32| {
        format!(
            "INSERT INTO #schema_snapshots SELECT {id}, version, kind, taken_at, taken_by, checksum, content, run_id, \
             last_execution_id, executed_by, host, ci_job, environment_name, reason, tool_version \
             FROM #schema_snapshots WHERE snapshot_id = 1"
        )
    };
    let found = shows_alone(&project, &copied(9)).await;
    assert_eq!(found, ["snapshot 9 is not told by any event"]);
}

#[tokio::test]
async fn a_row_behind_the_head_is_told_as_what_it_is() {
    let project = project().await;
    project
        .sql("INSERT INTO #audit_events SELECT max(sequence) + 1, 'x', 'x', NULL FROM #audit_events")
        .await;
    project.write("migrations/V9.0__More.sql", "CREATE TABLE t9(x int);");
    let failed = project.migrate().await.expect_err("no place for its events");
    let told = format!("{failed:?}");
    assert!(
        told.contains("DBVC8010") && told.contains("behind the head"),
        "{told}"
    );
    assert!(!told.contains("fix the file"), "{told}");
}

#[tokio::test]
async fn an_event_that_a_trigger_takes_away_stops_what_it_would_tell_of() {
    let project = project().await;
    for trigger in [
        "AFTER INSERT ON #audit_events BEGIN DELETE FROM #audit_events WHERE sequence = new.sequence; END",
        "BEFORE INSERT ON #audit_events BEGIN SELECT RAISE(IGNORE); END",
    ] {
        project.sql(&format!("CREATE TRIGGER taken {trigger}")).await;
        project.write("migrations/V9.0__More.sql", "CREATE TABLE t9(x int);");
        let failed = project.migrate().await.expect_err("its events are taken away");
        let told = format!("{failed:?}");
        assert!(
            told.contains("DBVC8010") && told.contains("did not keep it"),
            "{told}"
        );
        let context = project.context();
        let event = context.event(dbvc_engine::audit::AuditAction::Approved);
        let failed = dbvc_engine::project::audit::tell(&context, &event)
            .await
            .expect_err("it is taken away");
        assert!(format!("{failed:?}").contains("DBVC8010"), "{failed:?}");
        project.sql("DROP TRIGGER taken").await;
    }
    assert!(project.verify().await.is_sound());
    project.migrate().await.expect("a run");
    assert!(project.verify().await.is_sound());
}

/// Somebody who knows how dbvc seals writes the whole chain anew, and the record with it.
#[tokio::test]
async fn a_record_that_was_written_anew_shows_by_a_sink_and_by_an_anchor() {
    let project = project().await;
    let kept = anchor(&project.context(), &[]).await.expect("an anchor").anchor;
    let events = log(&project.context(), &LogRequest::default())
        .await
        .expect("a log")
        .events;
    let mut previous = dbvc_engine::audit::GENESIS.to_owned();
    let mut updates = Vec::new();
    for logged in &events {
        let mut event: AuditEvent = logged.event.clone();
        event.actor.user = "bob".into();
        event.actor.login = "bob".into();
        event.previous.clone_from(&previous);
        let sealed = Sealed::new(&event).expect("sealed");
        previous.clone_from(&sealed.digest);
        updates.push(format!(
            "UPDATE #audit_events SET event = '{}', digest = '{}' WHERE sequence = {};",
            sealed.text.replace('\'', "''"),
            sealed.digest,
            event.sequence
        ));
    }
    updates.push(format!(
        "UPDATE #audit_heads SET digest = '{previous}'; UPDATE #migration_execution_history SET executed_by = 'bob', \
         db_login = 'bob'; UPDATE #migration_applied_status SET applied_by = 'bob'"
    ));
    let mut copy = project.copy();
    copy.sql(&updates.concat()).await;
    let by_sink = copy.verify().await;
    let named = by_sink
        .findings
        .iter()
        .find(|finding| finding.sequence == Some(3))
        .expect("event 3");
    assert_eq!(named.kind, FindingKind::Differs);
    assert!(
        named
            .differences
            .contains(&"actor.user: `bob` in the database, `ann` in memory".to_owned()),
        "{named:?}"
    );
    copy.sink = None;
    let alone = copy.verify().await;
    assert!(alone.is_sound(), "it is well made: {alone:#?}");
    let request = ChainRequest {
        anchors: vec![kept],
        ..ChainRequest::default()
    };
    let by_anchor = verify(&copy.context(), &request).await.expect("a check");
    assert!(!by_anchor.is_sound());
}

#[tokio::test]
async fn what_is_changed_in_a_sink_shows_and_is_named() {
    let project = project().await;
    let (sink, _) = project.sink.clone().expect("a sink");
    let whole = sink.with(|state| state.events.clone());
    for at in 0..whole.len() {
        let place = at as u64 + 1;
        let mut edited = whole.clone();
        edited[at].text = edited[at].text.replace("ann", "bob").replace("0.", "1.");
        edited[at].digest = "x".into();
        let mut deleted = whole.clone();
        deleted.remove(at);
        let mut twice = whole.clone();
        twice.insert(at, whole[at].clone());
        let mut cut = whole.clone();
        cut.truncate(at);
        for events in [edited, deleted, twice, cut] {
            sink.with(|state| state.events = events);
            let report = project.verify().await;
            assert!(
                report.all_findings().any(|finding| finding.place == "memory"),
                "event {place}: {report:#?}"
            );
        }
    }
    sink.with(|state| state.events = whole);
    assert!(project.verify().await.is_sound());
}
