//! What somebody did to a sink is a finding, and hides no other.

use dbvc_engine::audit::FindingKind;
use dbvc_engine::project::audit::flush;
use sqlx::Connection as _;

use crate::stage::Project;

#[tokio::test]
async fn a_line_that_is_no_event_is_a_finding_of_that_sink() {
    let project = Project::new().with_file("archive.jsonl");
    project.write_tables(1);
    project.migrate().await.expect("a run");
    let archive = project.folder.path().join("archive.jsonl");
    let whole = std::fs::read_to_string(&archive).expect("the sink");
    for strange in ["hello", "{}", "{\"text\":\"no event\",\"digest\":\"x\"}"] {
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

#[tokio::test]
async fn columns_beside_an_event_must_say_the_same() {
    let project = Project::new().with_sqlite("trail.db");
    project.write_tables(1);
    project.migrate().await.expect("a run");
    assert_eq!(project.kinds().await, []);
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
