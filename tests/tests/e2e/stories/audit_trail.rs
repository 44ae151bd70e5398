//! The chain of events in the database: what it tells, and that nobody changes it unseen.

use super::code_behind_a_table;
use dbvc_tests::on_every_database;
use dbvc_tests::stage::{POTS, Stage};
use serde_json::Value;

/// The actions of all events, in order.
fn actions(stage: &Stage) -> Vec<String> {
    let log = stage.json("audit log --limit 0");
    let events = log["events"].as_array().expect("events");
    events
        .iter()
        .map(|event| event["action"].as_str().expect("a word").to_owned())
        .collect()
}

/// Changes the record without dbvc. The tables may defend themselves; whoever owns them can take that away.
fn behind_dbvcs_back(stage: &Stage, script: &str) {
    stage.database.run(&stage.database.named(script));
}

/// Runs `audit verify`, which must find something about this event.
fn found(stage: &Stage, event: u64) -> Value {
    let ran = stage.run("audit verify --json").ended(1);
    let report = dbvc_tests::stage::parsed(&ran);
    assert_eq!(report["intact"], false);
    let text = report.to_string();
    assert!(text.contains(&format!("event {event} ")), "{text}");
    report
}

on_every_database! {
    fn what_happens_is_told_in_order_with_who_and_why(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        stage.call("rollback --yes --reason").args(["wrong pots"]).run().ok();
        let told = actions(&stage);
        assert_eq!(
            told,
            [
                "chain-started", "run-started", "started", "completed", "started", "completed", "run-completed",
                "run-started", "started", "rolled-back", "run-completed",
            ]
        );
        let log = stage.json("audit log --action rolled-back");
        let event = &log["events"][0];
        assert_eq!(event["reason"], "wrong pots");
        assert_eq!(event["migration"], "1.1.0");
        assert_eq!(event["environment"], "development");
        assert_ne!(event["actor"]["user"], "");
        stage.run("audit verify").ok().said("intact");
    }

    fn a_failure_is_told_by_its_kind_and_not_in_its_words(stage) {
        let stage = stage.planted();
        stage.write(POTS, "create table pots(id integer);\ninsert into flowers_hunter2 values (1);\n");
        stage.run("migrate").ended(code_behind_a_table(&stage));
        let failed = stage.json("audit log --action failed");
        assert_ne!(failed["events"][0]["errorClass"], Value::Null);
        assert_eq!(actions(&stage).last().map(String::as_str), Some("run-failed"));
        stage.run("audit log --limit 0 --json").ok().kept_quiet_about("flowers_hunter2");
        stage.run("audit verify").ok();
    }

    fn an_edited_event_is_named(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        behind_dbvcs_back(
            &stage,
            "update @audit_events set event = replace(event, 'success', 'failure') where sequence = 4",
        );
        found(&stage, 4);
    }

    fn a_deleted_event_is_named(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        behind_dbvcs_back(&stage, "delete from @audit_events where sequence = 3");
        found(&stage, 3);
    }

    fn a_cut_off_end_is_told(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        behind_dbvcs_back(&stage, "delete from @audit_events where sequence > 5");
        let ran = stage.run("audit verify").ended(1);
        ran.said("NOT intact").said("deleted at the end");
    }

    fn an_edited_history_is_found_by_the_chain(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        behind_dbvcs_back(
            &stage,
            "update @migration_execution_history set executed_by = 'nobody' where version = '1.1.0'",
        );
        stage.run("audit verify").ended(1).said("NOT intact");
    }

    fn what_overrides_a_rule_is_told(stage) {
        let stage = stage.planted();
        stage.run("migrate --target 1.0.0").ok();
        stage.run("migrate --out-of-order --placeholder secret=hunter2").ok();
        let log = stage.run("audit log --action configuration-overridden --json").ok();
        log.said("--out-of-order").said("--placeholder secret").kept_quiet_about("hunter2");
    }
}

#[test]
fn events_are_chosen_by_time_person_action_and_migration() {
    let stage = Stage::empty_on_sqlite().planted();
    stage.run("migrate").ok();
    let count = |flags: &str| {
        let log = stage.json(&format!("audit log --limit 0 {flags}"));
        log["events"].as_array().expect("events").len()
    };
    assert_eq!(count("--migration 1.0.0"), 2);
    assert_eq!(count("--action started,completed"), 4);
    assert_eq!(count("--since 1h --migration 1.1.0"), 2);
    assert_eq!(count("--until 2020-01-01"), 0);
    assert_eq!(count("--actor nobody-of-that-name"), 0);
    assert_eq!(
        stage.json("audit log --limit 2")["events"]
            .as_array()
            .expect("events")
            .len(),
        2
    );
    stage
        .run("audit log --action dropped")
        .ended(2)
        .said("run-started");
    stage
        .run("audit log --since yesterday")
        .ended(2)
        .said("2026-11-01");
    stage
        .run("audit log --from nowhere")
        .ended(2)
        .said("no audit sink `nowhere`");
}

#[test]
fn a_database_without_a_trail_says_so() {
    let stage = Stage::empty_on_sqlite().planted();
    stage.run("audit log").ok().said("no such event");
    stage.run("audit verify").ended(1).said("no audit trail yet");
}

#[test]
fn new_events_are_followed_until_somebody_stops_it() {
    let stage = Stage::empty_on_sqlite().planted();
    stage.run("migrate --target 1.0.0").ok();
    let call = stage.call("audit log --follow --limit 1 --json");
    let child = call.start();
    std::thread::sleep(std::time::Duration::from_millis(1500));
    stage.run("migrate").ok();
    std::thread::sleep(std::time::Duration::from_millis(2500));
    dbvc_tests::signal(&child, "INT");
    let ran = call.finish(child).ok();
    let lines: Vec<Value> = ran
        .stdout
        .lines()
        .map(|line| serde_json::from_str(line).expect("an object a line"))
        .collect();
    let told: Vec<&str> = lines.iter().filter_map(|line| line["action"].as_str()).collect();
    assert_eq!(
        told,
        [
            "run-completed",
            "run-started",
            "started",
            "completed",
            "run-completed"
        ]
    );
}
