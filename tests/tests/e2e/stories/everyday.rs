//! The main job.

use dbvc_tests::ProjectFolder;

use super::code_behind_a_table;
use dbvc_tests::on_every_database;
use dbvc_tests::stage::{NAMES, PLANTS, POTS, parsed};

#[test]
fn a_newcomer_begins_with_an_empty_folder() {
    let project = ProjectFolder::new();
    let run = |arguments: &[&str]| project.dbvc(arguments.iter().copied()).run();
    run(&["init"]).ok();
    assert!(project.has("dbvc.toml"));
    let created = run(&["create", "Create plants", "--json"]).ok();
    let migration = parsed(&created)["migration"].as_str().expect("a path").to_owned();
    project.write(&migration, "create table plants(id integer primary key);\n");
    run(&["validate", "--fix"]).ok();
    run(&["migrate", "--yes"]).ok();
    run(&["status"]).ok().said("Create plants");
}

#[test]
fn no_settings_are_needed() {
    let project = ProjectFolder::with(&[(
        "migrations/V1__Create_plants.sql",
        "create table plants(id integer);\n",
    )]);
    project.dbvc(["--url", "sqlite:app.db", "migrate"]).run().ok();
    assert!(project.has("app.db"));
    project
        .dbvc(["--url", "sqlite:app.db", "status", "--check"])
        .run()
        .ok();
}

on_every_database! {
    fn there_and_back_again(stage) {
        let stage = stage.planted();
        let empty = stage.project.listing();
        let nothing = stage.database.dump(true);
        stage.run("migrate --dry-run").ok().said("V1.0.0__Create_plants.sql");
        assert_eq!(stage.project.listing(), empty, "a dry run makes no file");
        assert_eq!(stage.database.dump(true), nothing, "and no table");

        stage.run("migrate").ok().said("V1.0.0").said("V1.1.0");
        assert_eq!(stage.version().as_deref(), Some("1.1.0"));
        stage.run("status").ok().said("1.1.0").said("Add pots");
        stage.run("migrate").ok();

        stage.run("rollback --yes").ok().said("V1.1.0");
        assert!(!stage.has("pots") && stage.has("plants"));
        assert_eq!(stage.version().as_deref(), Some("1.0.0"));
        stage.run("migrate").ok();
        assert!(stage.has("pots"));
    }

    fn a_failing_migration_is_mended_and_the_rest_goes_on(stage) {
        let stage = stage.planted();
        let right = stage.project.read(POTS);
        stage.write(POTS, &right.replace("on pots(plant)", "on pots(plnt)"));
        let stays = stage.is_mysql();
        let failed = stage.run("migrate").ended(code_behind_a_table(&stage)).said("DBVC5001").said("plnt");
        assert!(failed.all().contains(&format!("{POTS}:{}:", stage.line(2))), "the line is named in\n{failed}");
        assert!(stage.has("plants") && stage.has("pots") == stays);
        stage.run("status").ok().said("1.0.0").said(if stays { "partial" } else { "failed" });
        stage.write(POTS, &right);
        stage.run("migrate").ok();
        assert!(stage.has("pots"));
        let history = stage.record("select status from @migration_execution_history where action = 'migrate' order by execution_id");
        assert_eq!(history, ["completed", "failed", "completed"]);
    }

    fn an_edited_migration_stops_everything_until_it_is_put_back(stage) {
        let stage = stage.planted();
        stage.run("migrate --target 1.0.0").ok();
        let right = stage.project.read(PLANTS);
        stage.write(PLANTS, &right.replace("aloe", "fern"));
        stage.run("migrate").ended(1).said("DBVC3001").said(PLANTS);
        stage.run("status").ok().said("changed");
        assert!(!stage.has("pots"));
        stage.write(PLANTS, &right);
        stage.run("migrate").ok();
        assert!(stage.has("pots"));
    }

    fn line_ends_and_marks_and_trailing_space_are_no_edits(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        let right = stage.project.read(PLANTS);
        stage.write(PLANTS, &format!("\u{feff}{}\r\n\r\n", right.replace('\n', "  \r\n")));
        stage.run("migrate").ok();
        let wide: Vec<u8> = format!("\u{feff}{right}").encode_utf16().flat_map(u16::to_be_bytes).collect();
        stage.project.write(PLANTS, wide);
        stage.run("verify").ok();
    }

    fn looking_at_an_empty_database_changes_nothing(stage) {
        let stage = stage.planted();
        let before = (stage.project.listing(), stage.database.dump(true));
        for line in ["status", "status --detailed", "history", "verify", "migrate --dry-run", "lock status", "config", "validate"] {
            let ran = stage.run(line);
            assert!([0, 1].contains(&ran.code), "{ran}");
        }
        stage.run("status").ok();
        stage.run("status --check").ended(1);
        assert_eq!((stage.project.listing(), stage.database.dump(true)), before);
    }

    fn a_repeatable_migration_runs_again_when_its_text_changes(stage) {
        let stage = stage.planted().with_names();
        stage.run("migrate").ok().said("R__Plant_names.sql");
        stage.run("migrate").ok().kept_quiet_about("R__Plant_names.sql");
        stage.write(NAMES, "drop view if exists plant_names;\ncreate view plant_names as select name, id from plants;\n");
        stage.run("status --check").ended(1);
        stage.run("migrate").ok().said("R__Plant_names.sql");
        assert_eq!(stage.database.texts("select name from plant_names where id = 1"), ["aloe"]);
        stage.run("status --check").ok();
    }

    fn a_migration_that_always_runs_does(stage) {
        let stage = stage.planted();
        stage.write("migrations/R__Count_runs.sql", "-- dbvc: runs-always\ninsert into plants(id, name) select max(id) + 1, 'run' from plants;\n");
        for _ in 0..3 {
            stage.run("migrate").ok();
        }
        assert_eq!(stage.database.texts("select name from plants where name = 'run'").len(), 3);
    }

    fn a_target_ends_the_run_there(stage) {
        let stage = stage.planted();
        stage.run("migrate --target 1.0.0").ok();
        assert_eq!(stage.version().as_deref(), Some("1.0.0"));
        assert!(!stage.has("pots"));
    }

    fn a_late_migration_runs_when_it_is_asked_for(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        stage.write("migrations/V1.0.5__Add_beds.sql", "create table beds(id integer);\n");
        stage.run("migrate").ended(1).said("--out-of-order");
        stage.run("status").ok().said("out of order");
        stage.run("migrate --out-of-order").ok();
        assert!(stage.has("beds"));
        assert_eq!(stage.version().as_deref(), Some("1.1.0"));
    }

    fn a_database_that_was_there_before_is_taken_over(stage) {
        let stage = stage.planted();
        stage.database.run("create table plants(id integer primary key, name text not null)");
        stage.run("baseline 1.0.0 --yes").ok();
        stage.run("migrate").ok().kept_quiet_about("V1.0.0__Create_plants.sql");
        assert!(stage.has("pots"));
        stage.run("status --check").ok();
    }

    fn a_baseline_script_stands_for_all_before_it(stage) {
        let stage = stage.planted();
        stage.write("migrations/B1.1.0__Plants_and_pots.sql", "create table plants(id integer primary key);\ncreate table pots(id integer primary key);\n");
        stage.write("migrations/V1.2.0__Add_beds.sql", "create table beds(id integer);\n");
        stage.run("migrate").ok().said("B1.1.0").kept_quiet_about("V1.0.0__");
        assert!(stage.has("beds"));
        stage.run("status --check").ok();
    }

    fn verify_accepts_what_was_edited_or_removed_on_purpose(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        stage.write(PLANTS, "-- the first table\ncreate table plants(id integer primary key, name text not null);\n");
        stage.project.remove(POTS);
        stage.project.remove("rollback/V1.1.0__Add_pots_rollback.sql");
        stage.run("verify").ended(1).said("DBVC3001").said("DBVC3002");
        stage.run("verify --fix --yes").ok();
        stage.run("verify").ok();
        stage.run("migrate").ok();
        assert!(stage.has("pots"), "the record was corrected, not the schema");
        assert_ne!(stage.record("select action from @migration_execution_history where action = 'fix'"), Vec::<String>::new());
    }
}
