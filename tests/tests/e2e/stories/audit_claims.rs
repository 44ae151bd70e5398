//! What `audit verify` finds of a trail that was taken away or begun anew, and how a chain is begun anew on purpose.

use dbvc_tests::on_every_database;
use dbvc_tests::stage::Stage;

/// The sink's file.
const FILE: &str = "sink/events.jsonl";

fn shipping(stage: Stage) -> Stage {
    let stage = stage
        .planted()
        .settings(&format!("[audit.sinks.archive]\nurl = \"file:{FILE}\""));
    std::fs::create_dir(stage.project.path().join("sink")).expect("a folder");
    stage.run("migrate").ok();
    stage.run("audit verify").ok().said("intact");
    stage
}

fn behind_dbvcs_back(stage: &Stage, script: &str) {
    stage.database.run(&stage.database.named(script));
}

on_every_database! {
    fn a_head_that_is_gone_is_found_and_the_sinks_are_compared_all_the_same(stage) {
        let stage = shipping(stage);
        behind_dbvcs_back(&stage, "delete from @audit_heads");
        let text = stage.project.read(FILE).replacen("1.0.0", "6.6.6", 1);
        stage.write(FILE, &text);
        let ran = stage.run("audit verify").ended(1);
        ran.said("audit_heads was deleted").said("6.6.6").said("NOT intact");
    }

    fn a_row_of_the_record_that_cannot_be_read_is_found(stage) {
        let stage = shipping(stage);
        behind_dbvcs_back(
            &stage,
            "update @migration_execution_history set status = 'splendid' where version = '1.0.0'",
        );
        stage.run("audit verify").ended(1).said("splendid").said("NOT intact");
    }

    fn an_edited_script_in_the_registry_is_found(stage) {
        let stage = shipping(stage);
        behind_dbvcs_back(
            &stage,
            "update @migration_registry set down_script = 'drop table plants' where version = '1.1.0'",
        );
        stage.run("audit verify").ended(1).said("down_script").said("1.1.0");
    }

    fn a_chain_is_begun_anew_with_a_reason_and_sinks_keep_the_old_one(stage) {
        let stage = shipping(stage);
        let before = stage.json("audit verify");
        stage.run("audit restart").ended(2).said("--reason");
        let ran = stage.call("audit restart --reason").args(["a clone for the tests"]).run().ok();
        ran.said("kept in archive");
        let after = stage.json("audit verify");
        assert_ne!(before["databaseId"], after["databaseId"]);
        let ran = stage.run("audit verify").ok();
        ran.said("a clone for the tests").said(before["databaseId"].as_str().expect("a name")).said("intact");
        stage.run("rollback --yes").ok();
        stage.run("audit verify").ok().said("intact");
        let log = stage.json("audit log --limit 0");
        assert_eq!(log["events"][0]["reason"], "a clone for the tests");
        assert_ne!(log["events"][0]["actor"]["login"], "");
    }
}

#[test]
fn without_a_sink_a_restart_wants_a_file_for_the_old_chain() {
    let stage = Stage::empty_on_sqlite().planted();
    stage.run("migrate").ok();
    let count = stage.json("audit log --limit 0")["events"]
        .as_array()
        .expect("events")
        .len();
    stage
        .call("audit restart --reason")
        .args(["test"])
        .run()
        .ended(2)
        .said("DBVC8008")
        .said("--keep");
    stage
        .call("audit restart --keep old.jsonl --reason")
        .args(["test"])
        .run()
        .ok();
    assert_eq!(stage.project.read("old.jsonl").lines().count(), count);
    stage
        .call("audit restart --keep old.jsonl --reason")
        .args(["test"])
        .run()
        .ended(2);
    stage.run("audit verify").ok();
}

#[test]
fn a_protected_environment_asks_before_a_restart() {
    let stage = Stage::empty_on_sqlite().planted();
    stage.run("migrate").ok();
    let stage = stage.settings("[environments.development]\nprotected = true");
    let ran = stage
        .call("audit restart --keep old.jsonl --reason")
        .args(["test"])
        .run()
        .ended(2);
    ran.said("protected");
    assert_eq!(
        stage.json("audit log --limit 0")["events"][0]["reason"],
        serde_json::Value::Null
    );
}

#[test]
fn a_pinned_chain_is_compared() {
    let stage = shipping(Stage::empty_on_sqlite());
    let stage = stage.settings("[audit]\ndatabase_id = \"01a1ff77-91dc-76d6-9c90-b3f0a8026bd6\"");
    stage.run("audit verify").ended(1).said("audit.database_id");
}

#[test]
fn findings_and_a_sink_that_is_away_are_told_together() {
    let stage = shipping(Stage::empty_on_sqlite());
    std::fs::remove_dir_all(stage.project.path().join("sink")).expect("removed");
    stage
        .run("audit verify")
        .ended(9)
        .said("archive")
        .said("DBVC8002");
    behind_dbvcs_back(&stage, "delete from @audit_events where sequence = 3");
    stage
        .run("audit verify")
        .ended(1)
        .said("DBVC8002")
        .said("event 3 ");
}
