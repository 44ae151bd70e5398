//! What scripts read.

use dbvc_tests::ProjectFolder;

use super::code_behind_a_table;
use dbvc_tests::on_every_database;
use dbvc_tests::stage::{Stage, parsed};

on_every_database! {
    fn status_as_json_has_what_people_see(stage) {
        let stage = stage.planted();
        stage.run("migrate --target 1.0.0").ok();
        let status = stage.json("status");
        assert_eq!(status["database"], "plants");
        assert_eq!(status["version"], "1.0.0");
        assert_eq!(status["name"], "Create plants");
        assert!(status["deployed_at"].is_string());
        assert_eq!(status["counts"]["pending"], 1);
        assert_eq!(status["migrations"].as_array().map(Vec::len), Some(2));
        assert!(status["tables"].as_u64().is_some_and(|tables| tables >= 1));
        assert!(status["schemas"].as_array().is_some_and(|schemas| !schemas.is_empty()));
    }

    fn a_run_as_json_tells_each_step(stage) {
        let stage = stage.planted();
        let report = stage.json("migrate");
        assert_eq!(report["to"], "1.1.0");
        assert_eq!(report["steps"].as_array().map(Vec::len), Some(2));
        let history = stage.json("history");
        assert!(history.to_string().contains("\"duration_ms\""), "{history}");
    }

    fn a_failure_as_json_tells_code_place_and_help(stage) {
        let stage = stage.planted();
        stage.write("migrations/V1.2.0__Add_beds.sql", "create table beds(id integer);\ninsert into flowers values (1);\n");
        let ran = stage.call("migrate --json").run().ended(code_behind_a_table(&stage));
        let text = parsed(&ran).to_string();
        let line = format!("\"line\":{}", stage.line(2));
        for part in ["\"DBVC5001\"", line.as_str(), "V1.2.0__Add_beds.sql", "\"help\":["] {
            assert!(text.contains(part), "{part} in {text}");
        }
    }

    fn quiet_says_nothing_when_all_is_well(stage) {
        let stage = stage.planted();
        let ran = stage.run("migrate --quiet").ok();
        assert_eq!(ran.all(), "");
        stage.write("migrations/V1.2.0__Add_beds.sql", "nonsense;\n");
        stage.run("migrate --quiet").ended(6).said("DBVC5001");
    }

    fn logs_go_to_standard_error_as_json_when_asked_for(stage) {
        let stage = stage.planted();
        let ran = stage.run("migrate --json --log-format json -vv").ok();
        parsed(&ran);
        let lines: Vec<&str> = ran.stderr.lines().filter(|line| line.starts_with('{')).collect();
        assert!(!lines.is_empty(), "{ran}");
        for line in lines {
            assert!(serde_json::from_str::<serde_json::Value>(line).is_ok(), "{line}");
        }
    }
}

#[test]
fn the_drivers_of_this_build_are_listed() {
    let ran = ProjectFolder::new().dbvc(["drivers"]).run().ok();
    let ran = ran.said("sqlite").said("postgres");
    parsed(&ProjectFolder::new().dbvc(["drivers", "--json"]).run().ok());
    drop(ran);
}

#[test]
fn completions_are_written_for_every_shell() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        ProjectFolder::new()
            .dbvc(["completions", shell])
            .run()
            .ok()
            .said("rollback");
    }
}

#[test]
fn a_reader_that_goes_away_does_no_harm() {
    let stage = Stage::empty_on_sqlite().planted();
    let call = stage.call("completions bash");
    let mut child = call.start();
    drop(child.stdout.take());
    let ran = call.finish(child);
    assert!(ran.code == 0 || ran.code == -1, "{ran}");
}

#[test]
fn help_gives_examples_for_every_command() {
    let project = ProjectFolder::new();
    project.dbvc(["--help"]).run().ok().said("Exit codes");
    project.dbvc([]).run().ended(2).said("Commands:");
    for command in [
        "init",
        "create",
        "validate",
        "migrate",
        "rollback",
        "status",
        "history",
        "baseline",
        "verify",
        "config",
        "completions",
    ] {
        project.dbvc([command, "--help"]).run().ok().said("Examples:");
    }
}
