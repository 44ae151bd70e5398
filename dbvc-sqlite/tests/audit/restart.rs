//! Chains that were begun anew: past dbvc, and on purpose.

use dbvc_engine::audit::FindingKind;
use dbvc_engine::project::Failed;
use dbvc_engine::project::audit::{
    ChainRequest, RestartReport, anchor, flush, plan_restart, restart, verify,
};

use crate::stage::Project;

async fn project() -> Project {
    let project = Project::new().with_file("archive.jsonl");
    project.write_tables(1);
    project.migrate().await.expect("a run");
    project
}

/// Removes the trail; the next run begins another one.
async fn begin_anew(project: &Project) {
    project
        .sql("DROP TABLE #audit_events; DROP TABLE #audit_heads; UPDATE #db_inventory SET layout = 3")
        .await;
    project.write_tables(2);
    project.migrate().await.expect("a run");
}

async fn again(project: &Project) -> Result<RestartReport, Failed> {
    let request = plan_restart(&project.context()).await?;
    restart(&project.context(), &request).await
}

#[tokio::test]
async fn a_chain_that_was_begun_anew_is_found_and_not_shipped() {
    let project = project().await;
    let kept = anchor(&project.context(), &[]).await.expect("an anchor").anchor;
    let old = project.chain().await;
    begin_anew(&project).await;
    assert_ne!(project.chain().await, old);
    let found = project.kinds().await;
    assert!(
        found.contains(&("archive.jsonl".into(), FindingKind::AnotherChain)),
        "{found:?}"
    );
    let shipped = flush(&project.context()).await.expect("a report");
    let failure = shipped.sinks[0].failure.clone().expect("refused");
    assert!(failure.contains(&old), "{failure}");
    let text = std::fs::read_to_string(project.folder.path().join("archive.jsonl")).expect("the sink");
    assert!(!text.contains(&project.chain().await));
    let request = ChainRequest {
        anchors: vec![kept],
        ..ChainRequest::default()
    };
    let report = verify(&project.context(), &request).await.expect("a check");
    let kinds: Vec<FindingKind> = report.all_findings().map(|finding| finding.kind).collect();
    assert_eq!(kinds, [FindingKind::AnotherChain]);
}

#[tokio::test]
async fn a_pinned_chain_must_be_the_one_that_is_there() {
    let mut project = project().await;
    project.pin = Some(project.chain().await);
    assert_eq!(project.kinds().await, []);
    project.pin = Some("another".into());
    assert_eq!(
        project.kinds().await,
        [("target".into(), FindingKind::AnotherChain)]
    );
    let failed = flush(&project.context()).await.expect_err("it is another chain");
    assert!(format!("{failed:?}").contains("DBVC8020"), "{failed:?}");
}

#[tokio::test]
async fn a_restart_says_so_and_verify_accepts_the_chain_before() {
    let project = project().await;
    let old = project.chain().await;
    let kept = anchor(&project.context(), &[]).await.expect("an anchor").anchor;
    let report = again(&project).await.expect("a restart");
    assert_eq!(report.kept_in, ["archive.jsonl"]);
    flush(&project.context()).await.expect("shipped");
    let request = ChainRequest {
        sinks: project.context().settings.audit.sinks.clone(),
        anchors: vec![kept],
        ..ChainRequest::default()
    };
    let checked = verify(&project.context(), &request).await.expect("a check");
    assert!(checked.is_sound(), "{checked:#?}");
    assert_eq!(checked.database_id, report.database_id);
    assert!(
        checked
            .notes
            .iter()
            .any(|note| note.contains(&old) && note.contains("ticket 7")),
        "{:?}",
        checked.notes
    );
    project.write_tables(2);
    project.migrate().await.expect("a run");
    assert_eq!(project.kinds().await, []);
    assert_eq!(project.actions().await[0], "chain-started");
}

#[tokio::test]
async fn an_older_backup_is_told_and_a_restart_goes_on_from_it() {
    let project = project().await;
    let database = project.folder.path().join("app.db");
    let backup = project.folder.path().join("backup.db");
    std::fs::copy(&database, &backup).expect("a backup");
    project.write_tables(2);
    project.migrate().await.expect("a run");
    std::fs::copy(&backup, &database).expect("restored");
    let report = project.verify().await;
    let told: Vec<&str> = report
        .all_findings()
        .map(|finding| finding.message.as_str())
        .collect();
    assert!(
        told.iter()
            .any(|line| line.contains("older backup") && line.contains("audit restart")),
        "{told:?}"
    );
    let request = plan_restart(&project.context()).await.expect("a plan");
    assert_eq!(
        request.replaces.len(),
        1,
        "the sink's chain goes further: {request:?}"
    );
    restart(&project.context(), &request).await.expect("a restart");
    flush(&project.context()).await.expect("shipped");
    assert_eq!(project.kinds().await, []);
    project.migrate().await.expect("a run");
    assert_eq!(project.kinds().await, []);
}

#[tokio::test]
async fn a_database_that_was_made_anew_restarts_past_the_chain_in_the_sink() {
    let project = project().await;
    begin_anew(&project).await;
    again(&project).await.expect("a restart");
    let shipped = flush(&project.context()).await.expect("shipped");
    assert_eq!(shipped.sinks[0].failure, None);
    assert_eq!(project.kinds().await, []);
}

#[tokio::test]
async fn what_a_new_chain_names_of_the_old_one_must_be_in_the_sink() {
    let project = project().await;
    again(&project).await.expect("a restart");
    flush(&project.context()).await.expect("shipped");
    let archive = project.folder.path().join("archive.jsonl");
    let text = std::fs::read_to_string(&archive).expect("the sink");
    let mut lines: Vec<String> = text.lines().map(ToOwned::to_owned).collect();
    let last = lines.len() - 2;
    let digest = lines[last].find("digest\":\"").expect("a digest") + 9;
    lines[last].replace_range(digest..digest + 4, "0000");
    std::fs::write(&archive, lines.join("\n") + "\n").expect("an edit");
    assert!(
        project
            .kinds()
            .await
            .contains(&("archive.jsonl".into(), FindingKind::Differs))
    );
}

/// The database has the old chain no more, so what a sink kept of it is all that there is.
#[tokio::test]
async fn every_change_of_the_chain_before_shows_in_the_sink_that_kept_it() {
    let project = project().await;
    let kept = anchor(&project.context(), &[]).await.expect("an anchor").anchor;
    again(&project).await.expect("a restart");
    flush(&project.context()).await.expect("shipped");
    assert_eq!(project.kinds().await, []);
    let archive = project.folder.path().join("archive.jsonl");
    let whole = std::fs::read_to_string(&archive).expect("the sink");
    let lines: Vec<&str> = whole.lines().collect();
    let old = lines.len() - 1;
    for at in 0..old {
        let edited: String = whole
            .lines()
            .enumerate()
            .map(|(index, line)| if index == at { line.replace("ann", "bob") } else { line.to_owned() } + "\n")
            .collect();
        let mut deleted = lines.clone();
        deleted.remove(at);
        let mut cut = lines.clone();
        cut.drain(at..old);
        let mut moved = lines.clone();
        moved.swap(at, (at + 1) % old);
        for (name, text) in [
            ("edited", edited),
            ("deleted", deleted.join("\n") + "\n"),
            ("cut off", cut.join("\n") + "\n"),
            ("moved", moved.join("\n") + "\n"),
        ] {
            if text == whole {
                continue;
            }
            std::fs::write(&archive, text).expect("an edit");
            let found = project.kinds().await;
            assert!(
                found.iter().any(|(place, _)| place == "archive.jsonl"),
                "line {at} {name}: {found:?}"
            );
        }
    }
    let cut = lines[old..].join("\n") + "\n";
    std::fs::write(&archive, cut).expect("an edit");
    assert_eq!(
        project.kinds().await,
        [("archive.jsonl".to_owned(), FindingKind::Lost)]
    );
    let request = ChainRequest {
        sinks: project.context().settings.audit.sinks.clone(),
        anchors: vec![kept],
        ..ChainRequest::default()
    };
    let checked = verify(&project.context(), &request).await.expect("a check");
    let anchored = checked
        .all_findings()
        .any(|found| found.place.starts_with("anchor"));
    assert!(anchored, "{checked:#?}");
}

#[tokio::test]
async fn a_chain_without_a_head_can_be_begun_anew() {
    let project = project().await;
    project.sql("DELETE FROM #audit_heads").await;
    let report = again(&project).await.expect("a restart");
    assert!(report.before.is_some_and(|before| before.sequence > 1));
    flush(&project.context()).await.expect("shipped");
    assert_eq!(project.kinds().await, []);
}
