//! What is signed, and what is not.

use dbvc_engine::audit::{FindingKind, GENESIS, Sealed};
use dbvc_engine::project::audit::{LogRequest, flush, log, sign};

use crate::stage::Project;

async fn unsigned() -> Project {
    let project = Project::new().with_file("archive.jsonl");
    project.write_tables(1);
    project.migrate().await.expect("a run");
    project
}

#[tokio::test]
async fn events_of_before_the_key_are_signed_only_on_demand_and_a_sink_that_has_them_is_lent_the_signature() {
    let mut project = unsigned().await;
    project.signs = true;
    project.write_tables(2);
    project.migrate().await.expect("a run");
    let found = project.verify().await;
    let kinds: Vec<FindingKind> = found.all_findings().map(|finding| finding.kind).collect();
    assert!(
        kinds.iter().all(|kind| *kind == FindingKind::Unsigned) && !kinds.is_empty(),
        "{found:#?}"
    );
    assert_eq!(sign(&project.context(), false).await.expect("signed"), 0);
    assert_eq!(sign(&project.context(), true).await.expect("signed"), 5);
    assert_eq!(project.kinds().await, [], "the sink's copies were shipped bare");
}

#[tokio::test]
async fn nothing_is_shipped_before_it_is_signed() {
    let mut project = unsigned().await;
    project.more.clear();
    project.signs = true;
    let project = project.with_file("late.jsonl");
    let report = flush(&project.context()).await.expect("a report");
    assert_eq!(
        (report.signed, report.sinks[0].shipped, report.sinks[0].waiting),
        (0, 0, 5)
    );
    sign(&project.context(), true).await.expect("signed");
    let report = flush(&project.context()).await.expect("a report");
    assert_eq!(report.sinks[0].shipped, 5);
    let text = std::fs::read_to_string(project.folder.path().join("late.jsonl")).expect("the sink");
    assert_eq!(text.matches("\"signature\"").count(), 5);
}

#[tokio::test]
async fn a_forged_event_is_named_and_neither_signed_nor_shipped() {
    let project = Project {
        signs: true,
        ..Project::new().with_file("archive.jsonl")
    };
    project.write_tables(1);
    project.migrate().await.expect("a run");
    let signed = log(&project.context(), &LogRequest::default())
        .await
        .expect("a log")
        .events;
    let last = signed.last().expect("events");
    let forge = |change: &dyn Fn(&mut dbvc_engine::audit::AuditEvent)| {
        let mut event = last.event.clone();
        event.sequence += 1;
        event.id = format!("{}:{}", event.database_id, event.sequence);
        event.previous.clone_from(&last.digest);
        change(&mut event);
        let sealed = Sealed::new(&event).expect("sealed");
        let text = sealed.text.replace('\'', "''");
        format!(
            "INSERT INTO #audit_events VALUES ({}, '{text}', '{}', NULL);",
            last.event.sequence + 1,
            sealed.digest
        )
    };
    let moved = "UPDATE #audit_heads SET sequence = sequence + 1;";
    let unlinked = forge(&|event| event.previous = GENESIS.to_owned());
    for sql in [
        forge(&|_| {}),
        unlinked.clone() + moved,
        unlinked.clone(),
        forge(&|event| event.database_id = "x".into()) + moved,
        unlinked.replace("NULL)", "'AAAA')") + moved,
    ] {
        let copy = project.copy();
        copy.sql(&sql).await;
        let failed = sign(&copy.context(), false).await;
        if !sql.contains("AAAA") {
            let failed = failed.expect_err(&sql);
            let named = format!("event {}", last.event.sequence + 1);
            assert!(failed.diagnostics[0].notes[0].contains(&named), "{failed:?}");
        }
        let bare = log(&copy.context(), &LogRequest::default())
            .await
            .expect("a log")
            .events;
        let signed = bare
            .iter()
            .filter(|one| one.signature.as_deref().is_some_and(|s| s != "AAAA"));
        assert_eq!(signed.count() as u64, last.event.sequence, "{sql}");
        let _ = flush(&copy.context()).await;
        let archive = project.folder.path().join("archive.jsonl");
        let text = std::fs::read_to_string(archive).expect("the sink");
        if !sql.contains("AAAA") {
            assert_eq!(text.lines().count() as u64, last.event.sequence, "{sql}");
        }
    }
}
