//! What the trail is told beside migrations: what was refused, found, planned, and done elsewhere.

use dbvc_tests::stage::{POTS, Stage, parsed};
use serde_json::Value;

fn events(stage: &Stage) -> Vec<Value> {
    let log = stage.json("audit log --limit 0");
    log["events"].as_array().expect("events").clone()
}

fn actions(stage: &Stage) -> Vec<String> {
    let word = |event: &Value| event["action"].as_str().expect("a word").to_owned();
    events(stage).iter().map(word).collect()
}

fn last(stage: &Stage) -> Value {
    events(stage).pop().expect("an event")
}

dbvc_tests::on_every_database! {
    fn a_refused_run_is_told_with_its_reasons_and_shipped(stage) {
        let stage = stage.planted().settings("[audit.sinks.archive]\nurl = \"file:events.jsonl\"");
        stage.run("migrate").ok();
        stage.write(POTS, "create table pots(id integer);\n");
        stage.run("migrate").ended(1);
        let told = last(&stage);
        assert_eq!(told["action"], "run-failed", "{told}");
        assert_eq!(told["errorClass"], "refused");
        assert!(told["details"]["codes"].as_str().is_some_and(|codes| codes.starts_with("DBVC")), "{told}");
        assert!(!told.to_string().contains("create table"), "{told}");
        let shipped = stage.project.read("events.jsonl");
        assert_eq!(shipped.lines().count(), events(&stage).len());
        stage.run("audit verify").ok().said("intact");
    }

    fn a_run_that_is_refused_for_drift_ships_what_it_found(stage) {
        let stage = stage.planted().settings(
            "on_drift = \"refuse\"\n[audit.sinks.archive]\nurl = \"file:events.jsonl\"");
        stage.run("migrate --target 1.0.0").ok();
        stage.database.run("create table notes (id integer primary key);");
        stage.run("migrate").ended(8);
        let told = actions(&stage);
        assert_eq!(told[told.len() - 2..], ["drift-found", "run-failed"]);
        assert_eq!(last(&stage)["errorClass"], "drift");
        assert_eq!(stage.project.read("events.jsonl").lines().count(), told.len());
    }

    fn each_look_that_finds_drift_is_told_and_one_that_finds_none_is_not(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        stage.run("snapshot").ok();
        stage.run("drift").ok();
        assert!(!actions(&stage).contains(&"drift-found".to_owned()));
        stage.database.run("create table notes (id integer primary key);");
        stage.run("drift").ended(8);
        let found = parsed(&stage.call("drift --json").run().ended(8));
        assert_eq!(found["trail"]["untold"], Value::Null, "{found}");
        let told: Vec<Value> = events(&stage)
            .into_iter()
            .filter(|event| event["action"] == "drift-found")
            .collect();
        assert_eq!(told.len(), 2);
        assert_eq!(told[0]["details"], told[1]["details"], "the same drift is known as the same");
        assert_eq!(told[0]["details"]["changes"], "1");
        assert!(!told[0].to_string().contains("notes"), "names may be secret");
        stage.run("audit verify").ok().said("intact");
    }
}

#[test]
fn a_run_with_nothing_to_do_and_a_dry_one_tell_nothing() {
    let stage = Stage::empty_on_sqlite().planted();
    stage.run("migrate").ok();
    let before = actions(&stage);
    stage.run("migrate").ok();
    stage.run("migrate --dry-run").ok();
    stage.run("verify").ok();
    assert_eq!(actions(&stage), before);
}

#[test]
fn a_plan_that_leaves_as_a_script_is_told_with_the_digest_that_its_run_has() {
    let stage = Stage::empty_on_sqlite().planted();
    stage.run("migrate --target 1.0.0").ok();
    stage.run("migrate --to-file plan.sql").ok();
    let planned = last(&stage);
    assert_eq!(planned["action"], "planned");
    stage.run("migrate").ok();
    assert_eq!(last(&stage)["planDigest"], planned["planDigest"]);
}

#[test]
fn what_is_done_elsewhere_is_noted_with_who_why_and_where() {
    let stage = Stage::empty_on_sqlite().planted();
    stage
        .run("audit note backup --reason nightly")
        .ended(1)
        .said("DBVC8003");
    assert_eq!(stage.json("status")["installed"], false);
    stage.run("migrate --target 1.0.0").ok();
    let plan = stage.run("migrate --dry-run --json").ok().stdout;
    stage.write("plan.json", &plan);
    stage
        .run("audit note approved --plan plan.json --by ann --reason CHG-123 --reference https://tickets/CHG-123")
        .ok()
        .said("noted  approved");
    let approved = last(&stage);
    assert_eq!(approved["action"], "approved");
    assert_eq!(approved["reason"], "CHG-123");
    assert_eq!(approved["details"]["by"], "ann");
    assert_eq!(approved["details"]["reference"], "https://tickets/CHG-123");
    stage.run("migrate --plan plan.json").ok();
    assert_eq!(last(&stage)["planDigest"], approved["planDigest"]);
    for what in ["backup", "restored", "planned"] {
        stage.run(&format!("audit note {what} --reason why")).ok();
        assert_eq!(last(&stage)["action"], what);
    }
    stage.run("audit note backup").ended(2).said("--reason");
    stage.run("audit verify").ok().said("intact");
}
