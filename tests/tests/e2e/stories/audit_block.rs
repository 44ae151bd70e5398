//! `on_failure = "block"`: without that sink nothing is written to the record, whatever the command.

use std::path::PathBuf;

use dbvc_tests::stage::{POTS, Stage};

const FILE: &str = "sink/events.jsonl";

fn blocked() -> Stage {
    let stage = Stage::empty_on_sqlite().planted().settings(&format!(
        "[audit.sinks.archive]\nurl = \"file:{FILE}\"\non_failure = \"block\""
    ));
    std::fs::create_dir(folder(&stage)).expect("a folder");
    stage
}

fn folder(stage: &Stage) -> PathBuf {
    stage.project.path().join("sink")
}

fn take_away(stage: &Stage) {
    std::fs::rename(folder(stage), stage.project.path().join("aside")).expect("moved");
}

fn bring_back(stage: &Stage) {
    std::fs::rename(stage.project.path().join("aside"), folder(stage)).expect("moved");
}

#[test]
fn no_command_writes_to_the_record_while_the_sink_is_away() {
    let stage = blocked();
    stage.run("migrate --target 1.0.0").ok();
    stage.run("snapshot").ok();
    take_away(&stage);
    let before = stage.database.dump(true);
    for line in [
        "migrate",
        "rollback --yes",
        "snapshot",
        "audit note backup --reason nightly",
        "verify --fix --yes",
    ] {
        if line.starts_with("verify") {
            stage.write(
                "migrations/V1.0.0__Create_plants.sql",
                "create table plants(id integer primary key, name text not null);\n",
            );
        }
        stage
            .run(line)
            .ended(9)
            .said("DBVC8001")
            .said("nothing was changed");
        assert_eq!(stage.database.dump(true), before, "`{line}` wrote");
    }
    stage.database.run("create table notes (id integer primary key);");
    let before = stage.database.dump(true);
    stage
        .run("drift --approve \"why\" --yes")
        .ended(9)
        .said("DBVC8001");
    // A look looks, and says that it could not tell.
    let found = dbvc_tests::stage::parsed(&stage.call("drift --json").run().ended(8));
    let untold = found["trail"]["untold"].as_str().expect("a reason");
    assert!(untold.contains("archive is away"), "{untold}");
    assert_eq!(stage.database.dump(true), before, "drift wrote");
    bring_back(&stage);
    stage.run("drift --approve \"why\" --yes").ok();
    stage.run("audit verify").ok().said("intact");
}

#[test]
fn a_first_run_asks_before_it_makes_the_record() {
    let stage = blocked();
    take_away(&stage);
    for line in ["migrate", "baseline 1.0.0 --yes", "snapshot"] {
        stage.run(line).ended(9).said("DBVC8001");
        assert_eq!(
            stage.json("status")["installed"],
            false,
            "`{line}` made the record"
        );
    }
    bring_back(&stage);
    stage.run("baseline 1.0.0 --yes").ok();
}

#[test]
fn a_sink_with_another_past_refuses_before_the_run() {
    let stage = blocked();
    stage.run("migrate --target 1.0.0").ok();
    let text = stage.project.read(FILE);
    let (rest, last) = text.trim_end().rsplit_once('\n').expect("lines");
    let mut line: serde_json::Value = serde_json::from_str(last).expect("JSON");
    line["digest"] = "0".repeat(64).into();
    stage.write(FILE, &format!("{rest}\n{line}\n"));
    let before = stage.database.dump(true);
    stage
        .run("migrate")
        .ended(9)
        .said("DBVC8020")
        .said("another past")
        .said("audit verify");
    assert_eq!(stage.database.dump(true), before, "something ran");
}

#[test]
fn a_sink_that_blocks_has_what_every_command_wrote() {
    let stage = blocked();
    stage.run("migrate").ok();
    stage.run("snapshot").ok();
    stage.run("audit note backup --reason nightly").ok();
    stage.write(POTS, "create table pots(id integer);\n");
    // Edited after it was applied.
    stage.run("migrate").ended(1);
    let ours = stage.json("audit log --limit 0");
    let theirs = stage.json("audit log --limit 0 --from archive");
    assert_eq!(ours["events"], theirs["events"]);
    assert!(ours["events"].as_array().is_some_and(|events| events.len() > 8));
}
