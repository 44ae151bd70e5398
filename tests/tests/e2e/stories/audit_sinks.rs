//! Shipping: what happens when a sink is away, and that kept in the database or doubled.

use dbvc_engine::audit::digest;
use dbvc_tests::on_every_database_but_sql_server;
use dbvc_tests::stage::Stage;
use serde_json::Value;

/// The sink's file.
const FILE: &str = "sink/events.jsonl";

fn sink(policy: &str) -> String {
    format!("[audit.sinks.archive]\nurl = \"file:{FILE}\"\non_failure = \"{policy}\"")
}

/// Nothing can be written where a file stands in place of the folder.
fn take_away(stage: &Stage) {
    let _ = std::fs::remove_dir_all(stage.project.path().join("sink"));
    stage.write("sink", "no folder");
}

fn bring_back(stage: &Stage) {
    stage.project.remove("sink");
    std::fs::create_dir(stage.project.path().join("sink")).expect("a folder");
}

fn shipped(stage: &Stage) -> Vec<Value> {
    let text = stage.project.read(FILE);
    text.lines()
        .map(|line| {
            let sealed: Value = serde_json::from_str(line).expect("JSON");
            serde_json::from_str(sealed["text"].as_str().expect("a text")).expect("an event")
        })
        .collect()
}

fn in_the_database(stage: &Stage) -> u64 {
    let log = stage.json("audit log --limit 0");
    log["events"].as_array().expect("events").len() as u64
}

on_every_database_but_sql_server! {
    fn every_run_ships_what_it_did(stage) {
        let stage = stage.planted().settings(&sink("warn"));
        std::fs::create_dir(stage.project.path().join("sink")).expect("a folder");
        stage.run("migrate").ok().kept_quiet_about("archive");
        assert_eq!(shipped(&stage).len() as u64, in_the_database(&stage));
        stage.run("status").ok().said("archive has all");
        stage.run("audit verify").ok().said("archive").said("intact");
        let ours = stage.json("audit log --limit 0");
        let theirs = stage.json("audit log --limit 0 --from archive");
        assert_eq!(ours["events"], theirs["events"]);
    }

    fn what_waited_through_several_runs_arrives_once_and_in_order(stage) {
        let stage = stage.planted().settings(&sink("spool"));
        take_away(&stage);
        stage.run("migrate --target 1.0.0").ok().kept_quiet_about("archive");
        stage.run("migrate").ok();
        stage.run("rollback --yes").ok();
        stage.run("status").ok().said("archive is away");
        let waiting = in_the_database(&stage);
        bring_back(&stage);
        stage.run("status").ok().said(&format!("archive lacks {waiting} events"));
        stage.run("audit flush").ok().said(&format!("archive: {waiting} events shipped"));
        stage.run("audit flush").ok().said("archive: 0 events shipped");
        let places: Vec<u64> = shipped(&stage)
            .iter()
            .map(|event| event["sequence"].as_u64().expect("a number"))
            .collect();
        assert_eq!(places, (1..=waiting).collect::<Vec<_>>());
        stage.run("audit verify").ok();
    }
}

#[test]
fn a_sink_that_blocks_keeps_a_run_from_beginning() {
    let stage = Stage::empty_on_sqlite().planted().settings(&sink("block"));
    take_away(&stage);
    stage.run("migrate").ended(9).said("archive");
    assert!(!stage.has("plants"), "nothing may be changed");
    bring_back(&stage);
    stage.run("migrate").ok();
    assert!(stage.has("plants"));
}

#[test]
fn a_sink_that_warns_lets_a_run_go_on_and_says_so() {
    let stage = Stage::empty_on_sqlite().planted().settings(&sink("warn"));
    take_away(&stage);
    stage
        .run("migrate")
        .ok()
        .said("DBVC8001")
        .said("could not be shipped to archive")
        .said("kept in the database");
    let report = stage.json("migrate");
    assert_eq!(report["audit"]["sinks"][0]["sink"], "archive");
    assert_ne!(report["audit"]["sinks"][0]["failure"], Value::Null);
}

#[test]
fn flushing_to_a_sink_that_is_away_ends_with_nine_whatever_its_policy() {
    let stage = Stage::empty_on_sqlite().planted().settings(&sink("spool"));
    take_away(&stage);
    stage.run("migrate").ok();
    stage.run("audit flush").ended(9).said("waiting");
    stage.run("audit verify").ended(9);
    stage.run("audit verify --no-sinks").ok();
    stage.run("audit log --from archive").ended(9);
}

#[test]
fn a_failed_run_ships_its_failure_and_keeps_its_code() {
    let stage = Stage::empty_on_sqlite().planted().settings(&sink("warn"));
    std::fs::create_dir(stage.project.path().join("sink")).expect("a folder");
    stage.write(dbvc_tests::stage::POTS, "select nonsense from nowhere;\n");
    stage.run("migrate").ended(6);
    let last = shipped(&stage).pop().expect("events");
    assert_eq!(last["action"], "run-failed");
}

#[test]
fn where_shipping_is_switched_off_nothing_leaves_the_database() {
    let settings = format!(
        "{}\n[environments.development.audit]\nenabled = false",
        sink("block")
    );
    let stage = Stage::empty_on_sqlite().planted().settings(&settings);
    take_away(&stage);
    stage.run("migrate").ok();
    assert!(in_the_database(&stage) > 0);
}

on_every_database_but_sql_server! {
    fn a_chain_that_was_written_anew_is_found_by_its_copy(stage) {
        let stage = stage.planted().settings(&sink("warn"));
        std::fs::create_dir(stage.project.path().join("sink")).expect("a folder");
        stage.run("migrate").ok();
        let last = in_the_database(&stage);
        let text = stage.record(&format!("select event from @audit_events where sequence = {last}"));
        let text = text[0].replace("run-completed", "run-failed");
        let digest = digest(&text);
        let quoted = text.replace('\'', "''");
        // A JSON text may hold an `@`; names are filled in around it.
        let events = stage.own("audit_events");
        let heads = stage.own("audit_heads");
        stage.database.run(&format!(
            "update {events} set event = '{quoted}', digest = '{digest}' where sequence = {last}"
        ));
        stage.database.run(&format!("update {heads} set digest = '{digest}'"));
        stage.run("audit verify --no-sinks --json").said(&digest);
        let ran = stage.run("audit verify").ended(1);
        ran.said(&format!("event {last} ")).said("archive").said("run-failed").said("run-completed");
    }

    fn an_edit_in_a_sink_is_found_and_told_field_by_field(stage) {
        let stage = stage.planted().settings(&sink("warn"));
        std::fs::create_dir(stage.project.path().join("sink")).expect("a folder");
        stage.run("migrate").ok();
        let text = stage.project.read(FILE).replacen("1.0.0", "6.6.6", 1);
        stage.write(FILE, &text);
        let ran = stage.run("audit verify").ended(1);
        ran.said("archive: event").said("migration: `1.0.0`").said("6.6.6");
    }
}
