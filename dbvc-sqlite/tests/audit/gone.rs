//! What was taken away from the record is a finding and hides no other.

use dbvc_engine::audit::FindingKind;
use dbvc_engine::project::{RollbackOptions, Selection, rollback};

use crate::stage::Project;

async fn project() -> Project {
    let project = Project::new().with_file("archive.jsonl");
    project.write_tables(2);
    project.migrate().await.expect("a run");
    dbvc_engine::project::audit::flush(&project.context())
        .await
        .expect("shipped");
    assert_eq!(project.kinds().await, []);
    project
}

#[tokio::test]
async fn what_is_gone_or_unreadable_is_found_and_the_sinks_are_compared_all_the_same() {
    for (sql, kind) in [
        ("DELETE FROM #audit_heads", FindingKind::Lost),
        ("DROP TABLE #audit_heads", FindingKind::Lost),
        ("DROP TABLE #audit_events", FindingKind::Lost),
        ("DROP TABLE #migration_execution_history", FindingKind::Lost),
        ("DELETE FROM #db_inventory", FindingKind::Lost),
        ("DROP TABLE #db_inventory", FindingKind::Lost),
        ("UPDATE #db_inventory SET layout = 3", FindingKind::Lost),
        (
            "UPDATE #audit_heads SET sequence = 'many'",
            FindingKind::Unreadable,
        ),
        (
            "UPDATE #migration_execution_history SET status = 'splendid' WHERE execution_id = 1",
            FindingKind::Unreadable,
        ),
        (
            "UPDATE #migration_applied_status SET status = 'splendid'",
            FindingKind::Unreadable,
        ),
    ] {
        let project = project().await;
        let archive = project.folder.path().join("archive.jsonl");
        let text = std::fs::read_to_string(&archive).expect("the sink");
        std::fs::write(&archive, text.replacen("c0ffee", "decaf0", 1)).expect("an edit");
        project.sql(sql).await;
        let found = project.kinds().await;
        assert!(found.contains(&("target".into(), kind)), "{sql}: {found:?}");
        let edited = ("archive.jsonl".into(), FindingKind::Edited);
        assert!(
            found.contains(&edited),
            "{sql} hides the edit in the sink: {found:?}"
        );
    }
}

#[tokio::test]
async fn a_trail_that_was_removed_with_its_record_is_missed_by_a_sink() {
    let project = project().await;
    for table in [
        "audit_events",
        "audit_heads",
        "db_inventory",
        "migration_execution_history",
        "migration_applied_status",
        "migration_registry",
        "schema_snapshots",
        "migration_locks",
        "migration_fences",
    ] {
        // Views stand on these tables.
        project
            .sql(&format!(
                "DROP VIEW IF EXISTS #deployment_history; DROP VIEW IF EXISTS #migration_dashboard; \
                 DROP VIEW IF EXISTS #database_version; DROP TABLE #{table}"
            ))
            .await;
    }
    assert_eq!(
        project.kinds().await,
        [("archive.jsonl".into(), FindingKind::Lost)]
    );
}

#[tokio::test]
async fn an_edited_script_in_the_registry_shows_and_does_not_run() {
    for sql in [
        "UPDATE #migration_registry SET down_script = 'DROP TABLE t1' WHERE migration_id = '2.0'",
        "UPDATE #migration_registry SET down_script = NULL WHERE migration_id = '2.0'",
        "UPDATE #migration_registry SET up_script = 'SELECT 1' WHERE migration_id = '2.0'",
    ] {
        let project = project().await;
        project.sql(sql).await;
        assert_eq!(
            project.kinds().await,
            [("target".into(), FindingKind::Record)],
            "{sql}"
        );
    }
    let project = project().await;
    std::fs::remove_file(project.folder.path().join("rollback/V2.0__Make_t2_rollback.sql")).expect("removed");
    let options = RollbackOptions {
        selection: Selection::Count(1),
    };
    project
        .sql("UPDATE #migration_registry SET down_script = 'DROP TABLE t1' WHERE migration_id = '2.0'")
        .await;
    let failed = rollback(&project.context(), &options, None, &mut |_| Ok(()))
        .await
        .expect_err("an edited script");
    assert!(
        failed.diagnostics.iter().any(|one| one.code == "DBVC3027"),
        "{failed:?}"
    );
    project.sql("SELECT * FROM t1").await;
    project
        .sql("UPDATE #migration_registry SET down_script = 'DROP TABLE t2;' WHERE migration_id = '2.0'")
        .await;
    rollback(&project.context(), &options, None, &mut |_| Ok(()))
        .await
        .expect("the script that was kept");
}

#[tokio::test]
async fn a_check_beside_a_run_finds_nothing() {
    let project = project().await;
    project.write_tables(60);
    let context = project.context();
    let going = async {
        let request = dbvc_engine::project::MigrateRequest::default();
        dbvc_engine::project::migrate(&context, &request, &mut |_| Ok(())).await
    };
    let mut going = std::pin::pin!(going);
    let mut looks = 0;
    loop {
        tokio::select! {
            ended = &mut going => {
                ended.expect("a run");
                break;
            }
            found = project.kinds() => {
                // Between its end and its shipping the sink lacks its events, and nobody can tell why.
                let ended = project.actions().await.iter().filter(|action| *action == "run-completed").count() > 1;
                let behind = |(_, kind): &(String, FindingKind)| *kind == FindingKind::Behind;
                assert!(found.is_empty() || (ended && found.iter().all(behind)), "look {looks}: {found:?}");
                looks += 1;
            }
        }
    }
    assert!(looks > 2, "only {looks} looks");
}

#[tokio::test]
async fn ten_thousand_events_are_compared_in_a_moment() {
    use dbvc_engine::conformance::sinks::chain;
    let project = project().await;
    let archive = project.folder.path().join("archive.jsonl");
    let id = project.chain().await;
    let lines: Vec<String> = chain(&id, 10_000)
        .iter()
        .map(|sealed| serde_json::to_string(sealed).expect("a line"))
        .collect();
    std::fs::write(&archive, lines.join("\n") + "\n").expect("a sink");
    let events = chain(&id, 10_000);
    let rows: Vec<String> = events
        .iter()
        .enumerate()
        .map(|(at, sealed)| {
            let text = sealed.text.replace('\'', "''");
            format!(
                "INSERT OR REPLACE INTO #audit_events VALUES ({}, '{text}', '{}', NULL);",
                at + 1,
                sealed.digest
            )
        })
        .collect();
    let head = events.last().expect("events");
    project
        .sql(&format!(
            "BEGIN; {} UPDATE #audit_heads SET sequence = 10000, digest = '{}'; COMMIT",
            rows.concat(),
            head.digest
        ))
        .await;
    let clock = std::time::Instant::now();
    let report = project.verify().await;
    let took = clock.elapsed();
    assert_eq!(report.places[1].events, 10_000);
    assert!(took.as_secs() < 20, "{took:?} without optimisation");
}
