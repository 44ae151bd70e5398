//! What somebody did to a sink is a finding, and hides no other.

use dbvc_engine::audit::FindingKind;
use dbvc_engine::driver::SnapshotKind;
use dbvc_engine::project::audit::flush;
use dbvc_engine::project::{SnapshotRequest, keep_snapshot};
use sqlx::Connection as _;

use crate::stage::Project;

#[tokio::test]
async fn a_line_that_is_no_event_is_a_finding_of_that_sink() {
    let project = Project::new().with_file("archive.jsonl");
    project.write_tables(1);
    project.migrate().await.expect("a run");
    let archive = project.folder.path().join("archive.jsonl");
    let whole = std::fs::read_to_string(&archive).expect("the sink");
    let more = whole
        .lines()
        .nth(1)
        .expect("a line")
        .replacen('{', "{\"more\":1,", 1);
    for strange in ["hello", "{}", "{\"text\":\"no event\",\"digest\":\"x\"}", &more] {
        let mut lines: Vec<&str> = whole.lines().collect();
        lines[1] = strange;
        std::fs::write(&archive, lines.join("\n") + "\n").expect("an edit");
        let found = project.kinds().await;
        let place = || "archive.jsonl".to_owned();
        assert!(
            found.contains(&(place(), FindingKind::Unreadable)),
            "{strange}: {found:?}"
        );
        assert!(
            found.contains(&(place(), FindingKind::Missing)),
            "{strange}: {found:?}"
        );
    }
}

#[tokio::test]
async fn lines_that_change_places_are_a_finding_of_that_sink() {
    let project = Project::new().with_file("archive.jsonl");
    project.write_tables(1);
    project.migrate().await.expect("a run");
    let archive = project.folder.path().join("archive.jsonl");
    let whole = std::fs::read_to_string(&archive).expect("the sink");
    let lines: Vec<&str> = whole.lines().collect();
    for at in 1..lines.len() {
        let mut moved = lines.clone();
        moved.swap(at - 1, at);
        std::fs::write(&archive, moved.join("\n") + "\n").expect("an edit");
        let found = project.kinds().await;
        assert_eq!(
            found,
            [("archive.jsonl".to_owned(), FindingKind::Misplaced)],
            "line {at}"
        );
    }
    std::fs::write(&archive, &whole).expect("an edit");
    assert_eq!(project.kinds().await, []);
}

#[tokio::test]
async fn a_sink_that_cannot_be_read_is_told_beside_the_findings() {
    let project = Project::new()
        .with_file("archive.jsonl")
        .with_file("nowhere/b.jsonl");
    project.write_tables(1);
    project.migrate().await.expect("a run");
    let report = project.verify().await;
    assert!(report.is_sound());
    assert_eq!(report.unreadable[0].sink, "nowhere/b.jsonl");
    project.sql("UPDATE #audit_heads SET digest = 'x'").await;
    let report = project.verify().await;
    assert!(!report.is_sound() && report.unreadable.len() == 1, "{report:#?}");
}

/// The sink's file, without the triggers that refuse changes.
async fn unguarded(project: &Project) -> sqlx::SqliteConnection {
    let path = project.folder.path().join("trail.db");
    let url = format!("sqlite:{}", path.display());
    let mut connection = sqlx::SqliteConnection::connect(&url).await.expect("the sink");
    let triggers: Vec<String> = sqlx::query_scalar("SELECT name FROM sqlite_schema WHERE type = 'trigger'")
        .fetch_all(&mut connection)
        .await
        .expect("triggers");
    for name in triggers {
        sqlx::raw_sql(sqlx::AssertSqlSafe(format!("DROP TRIGGER {name}")))
            .execute(&mut connection)
            .await
            .expect("dropped");
    }
    connection
}

/// A baseline, shipped. Each run takes a snapshot from then on, in the place of the one before.
async fn snapshot(project: &Project) {
    let request = SnapshotRequest {
        kind: SnapshotKind::Baseline,
        version: Some("1.0".into()),
    };
    keep_snapshot(&project.context(), &request)
        .await
        .expect("a snapshot");
    flush(&project.context()).await.expect("shipped");
}

async fn change(connection: &mut sqlx::SqliteConnection, sql: &'static str) {
    let done = sqlx::raw_sql(sql).execute(connection).await;
    done.unwrap_or_else(|error| panic!("{error} in {sql}"));
}

/// What somebody did to the copies, and how that is told.
const EDITS_OF_COPIES: [(&str, FindingKind, &str); 8] = [
    (
        "UPDATE audit_documents SET content = replace(content, 'DROP TABLE t1', 'DROP TABLE t2') WHERE id = '1.0'",
        FindingKind::Differs,
        "the copy of migration 1.0 differs from the database in `texts`",
    ),
    (
        "DELETE FROM audit_documents WHERE id = '2.0'",
        FindingKind::Behind,
        "there is no copy of migration 2.0",
    ),
    (
        "UPDATE audit_documents SET id = '7.0' WHERE id = '2.0'",
        FindingKind::Differs,
        "there is a copy of migration 7.0, which the database does not have",
    ),
    (
        "UPDATE audit_documents SET content = 'x' WHERE id = '2.0'",
        FindingKind::Unreadable,
        "the document 2.0 cannot be read",
    ),
    (
        "UPDATE audit_documents SET content = replace(content, 't1', 't9') WHERE container = 'schema-snapshots'",
        FindingKind::Edited,
        "the content of the copy snapshot-1 does not fit its checksum",
    ),
    (
        "UPDATE audit_documents SET content = json_set(content, '$.entry.login', 'eve') WHERE container = 'schema-snapshots'",
        FindingKind::Differs,
        "the copy of snapshot 1 is not what the database tells of it",
    ),
    (
        "UPDATE audit_documents SET content = '{}' WHERE container = 'schema-snapshots'",
        FindingKind::Unreadable,
        "the copy snapshot-1 cannot be read",
    ),
    (
        "DELETE FROM audit_documents WHERE container = 'schema-snapshots'",
        FindingKind::Behind,
        "there is no copy of snapshot 1",
    ),
];

#[tokio::test]
async fn a_copy_that_was_edited_or_deleted_in_a_sink_shows() {
    let project = Project::new().with_sqlite("trail.db");
    project.write_tables(2);
    project.migrate().await.expect("a run");
    snapshot(&project).await;
    assert_eq!(project.kinds().await, []);
    let mut sink = unguarded(&project).await;
    change(&mut sink, "CREATE TABLE kept AS SELECT * FROM audit_documents").await;
    for (edit, kind, told) in EDITS_OF_COPIES {
        change(&mut sink, edit).await;
        let report = project.verify().await;
        let found = report
            .all_findings()
            .any(|found| found.place == "trail.db" && found.kind == kind && found.message.contains(told));
        assert!(found, "{edit}: {report:#?}");
        change(
            &mut sink,
            "DELETE FROM audit_documents; INSERT INTO audit_documents SELECT * FROM kept",
        )
        .await;
        assert_eq!(project.kinds().await, []);
    }
}

#[tokio::test]
async fn a_table_that_was_dropped_in_a_sink_is_a_finding_and_filled_again() {
    for (table, kind) in [
        ("DROP TABLE audit_documents", FindingKind::Behind),
        ("DROP TABLE audit_events", FindingKind::Behind),
    ] {
        let project = Project::new().with_sqlite("trail.db");
        project.write_tables(1);
        project.migrate().await.expect("a run");
        let mut sink = unguarded(&project).await;
        change(&mut sink, table).await;
        let found = project.kinds().await;
        assert!(found.contains(&("trail.db".into(), kind)), "{table}: {found:?}");
        flush(&project.context()).await.expect("shipped");
        assert_eq!(project.kinds().await, [], "{table}");
    }
}

#[tokio::test]
async fn copies_of_snapshots_that_later_runs_replaced_are_nothing_wrong() {
    let project = Project::new().with_sqlite("trail.db");
    for count in 1..=3 {
        project.write_tables(count);
        project.migrate().await.expect("a run");
        if count == 1 {
            snapshot(&project).await;
        }
    }
    assert_eq!(project.kinds().await, []);
    let mut sink = unguarded(&project).await;
    change(
        &mut sink,
        "UPDATE audit_documents SET content = json_set(content, '$.content', '{}', '$.entry.checksum', \
         '44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a') WHERE id = 'snapshot-2'",
    )
    .await;
    assert_eq!(
        project.kinds().await,
        [("trail.db".to_owned(), FindingKind::Differs)],
        "written anew with its checksum"
    );
}

#[tokio::test]
async fn columns_beside_an_event_must_say_the_same() {
    let project = Project::new().with_sqlite("trail.db");
    project.write_tables(1);
    project.migrate().await.expect("a run");
    assert_eq!(project.kinds().await, []);
    let mut connection = unguarded(&project).await;
    sqlx::raw_sql("UPDATE audit_events SET sequence = 400 WHERE sequence = 3")
        .execute(&mut connection)
        .await
        .expect("moved");
    let found = project.kinds().await;
    assert!(
        found.contains(&("trail.db".into(), FindingKind::Differs)),
        "{found:?}"
    );
    let _ = flush(&project.context()).await;
}
