//! New migrations.

use dbvc_tests::stage::Stage;

#[test]
fn a_migration_comes_with_its_undo_script_and_both_say_what_they_are() {
    let stage = Stage::empty_on_sqlite().planted();
    stage.write(
        "migrations/V1.0.5__Add_beds.sql",
        "create table beds(id integer);\n",
    );
    stage
        .project
        .dbvc(["create", "1.2.0", "Add customer analytics"])
        .run()
        .ok()
        .said("migrations/V1.2.0__Add_customer_analytics.sql")
        .said("rollback/V1.2.0__Add_customer_analytics_rollback.sql");
    for path in [
        "migrations/V1.2.0__Add_customer_analytics.sql",
        "rollback/V1.2.0__Add_customer_analytics_rollback.sql",
    ] {
        let text = stage.project.read(path);
        for part in [
            "V1.2.0__Add_customer_analytics",
            "-- Version: 1.2.0",
            "-- Created: ",
            "-- Description: Add customer analytics",
        ] {
            assert!(text.contains(part), "{part} in {path}:\n{text}");
        }
    }
}

#[test]
fn the_next_free_version_is_taken_in_each_scheme() {
    for (scheme, first, next) in [("semantic", "V1.0.0__", "V1.1.0__"), ("integer", "V1__", "V2__")] {
        let stage = Stage::empty_on_sqlite();
        stage.write(
            "dbvc.toml",
            &format!("[databases.plants]\nurl = \"sqlite:app.db\"\nversioning = \"{scheme}\"\n"),
        );
        for (description, start) in [("Create plants", first), ("Add pots", next)] {
            let name = format!("migrations/{start}{}.sql", description.replace(' ', "_"));
            let ran = stage.project.dbvc(["create", description]).run().ok().said(&name);
            assert!(stage.project.has(&name), "{ran}");
            stage.write(&name, "select 1;\n");
        }
        stage.run("validate --fix").ok();
    }
}

#[test]
fn two_branches_that_both_add_a_migration_meet_in_the_sum_file() {
    let stage = Stage::empty_on_sqlite().planted();
    stage.run("validate --fix").ok();
    let common = stage.project.read("migrations/dbvc.sum");
    let added = |name: &str| {
        stage.write("migrations/dbvc.sum", &common);
        let path = format!("migrations/{name}");
        stage.write(&path, "create table beds(id integer);\n");
        stage.run("validate --fix").ok();
        let sum = stage.project.read("migrations/dbvc.sum");
        stage.project.remove(&path);
        sum
    };
    let first_lines: Vec<String> = [
        added("V1.2.0__Add_beds.sql"),
        added("V1.3.0__Add_sheds.sql"),
        common.clone(),
    ]
    .iter()
    .map(|sum| sum.lines().next().expect("a first line").to_owned())
    .collect();
    assert!(
        first_lines[0] != first_lines[1]
            && first_lines[0] != first_lines[2]
            && first_lines[1] != first_lines[2]
    );
}
