//! Environments: which one, and what it demands.

use dbvc_tests::stage::{Stage, parsed};

const THREE: &str = "[environments.development]
url = \"sqlite:development.db\"
[environments.staging]
branches = [\"develop\", \"release/*\"]
url = \"sqlite:staging.db\"
[environments.production]
branches = [\"main\"]
protected = true
url = \"sqlite:production.db\"";

fn stage() -> Stage {
    Stage::empty_on_sqlite().planted().settings(THREE)
}

fn chosen(stage: &Stage, line: &str) -> String {
    stage.json(line)["environment"]
        .as_str()
        .expect("a name")
        .to_owned()
}

#[test]
fn the_git_branch_chooses_one() {
    let stage = stage();
    assert_eq!(chosen(&stage, "status"), "development");
    for (branch, environment) in [
        ("develop", "staging"),
        ("release/1.2", "staging"),
        ("main", "production"),
        ("feature/x", "development"),
    ] {
        stage.write(".git/HEAD", &format!("ref: refs/heads/{branch}\n"));
        assert_eq!(chosen(&stage, "status"), environment, "{branch}");
    }
}

#[test]
fn a_variable_is_stronger_than_the_branch_and_a_flag_stronger_than_that() {
    let stage = stage();
    stage.write(".git/HEAD", "ref: refs/heads/main\n");
    let by = |variables: &[(&str, &str)], line: &str| {
        let call = stage.call(line).args(["--json"]);
        let ran = variables
            .iter()
            .fold(call, |call, (name, value)| call.env(name, value))
            .run()
            .ok();
        parsed(&ran)["environment"].as_str().expect("a name").to_owned()
    };
    assert_eq!(by(&[("APP_ENVIRONMENT", "staging")], "status"), "staging");
    assert_eq!(
        by(
            &[
                ("APP_ENVIRONMENT", "staging"),
                ("DBVC_ENVIRONMENT", "development")
            ],
            "status"
        ),
        "development"
    );
    assert_eq!(
        by(
            &[("DBVC_ENVIRONMENT", "development")],
            "status --environment staging"
        ),
        "staging"
    );
}

#[test]
fn each_has_its_own_database() {
    let stage = stage();
    stage.run("migrate staging").ok();
    assert!(stage.project.has("staging.db") && !stage.project.has("development.db"));
}

#[test]
fn a_protected_one_is_migrated_forward_and_goes_back_when_it_is_named() {
    let stage = stage();
    stage.run("migrate production --yes --confirm plants").ok();
    stage
        .run("rollback production")
        .ended(2)
        .said("--yes --confirm production.db");
    stage.run("rollback production --yes --confirm plants").ok();
}

#[test]
fn a_migration_for_another_environment_is_left_out_and_told() {
    let stage = stage();
    stage.write(
        "migrations/V1.2.0__Add_samples.sql",
        "-- dbvc: environment=development,staging\ncreate table samples(id integer);\n",
    );
    stage
        .run("migrate production --yes --confirm plants")
        .ok()
        .said("V1.2.0__Add_samples.sql");
    stage.run("status production --check").ok();
    stage.run("migrate staging").ok();
    assert_eq!(chosen(&stage, "status staging"), "staging");
    assert_eq!(stage.json("status staging")["version"], "1.2.0");
    assert_eq!(stage.json("status production")["version"], "1.1.0");
}

#[test]
fn all_databases_of_a_project_are_migrated_with_one_call() {
    let stage = Stage::empty_on_sqlite();
    stage.write("dbvc.toml", "[databases.plants]\nurl = \"sqlite:plants.db\"\nmigrations = \"plants\"\n[databases.animals]\nurl = \"sqlite:animals.db\"\nmigrations = \"animals\"\n");
    stage.write(
        "plants/V1__Create_plants.sql",
        "create table plants(id integer);\n",
    );
    stage.write(
        "animals/V1__Create_animals.sql",
        "create table animals(id integer);\n",
    );
    stage.run("migrate --database all").ok();
    stage
        .run("status --database all --check")
        .ok()
        .said("plants")
        .said("animals");
    stage.run("migrate --database animals").ok();
    assert!(stage.project.has("plants.db") && stage.project.has("animals.db"));
}
