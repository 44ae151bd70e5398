//! What the database itself tells, with plain SQL.

use super::code_behind_a_table;
use dbvc_tests::on_every_database;
use dbvc_tests::stage::{POTS, Stage};

on_every_database! {
    fn everything_that_was_promised_is_there(stage) {
        let stage = stage.planted().with_names();
        stage.run("migrate").ok();
        for table in [
            "db_inventory", "migration_registry", "migration_execution_history", "migration_applied_status",
            "schema_snapshots", "migration_locks", "migration_dashboard", "deployment_history", "database_version",
        ] {
            assert!(stage.has(&stage.own(table)), "{table}");
        }
    }

    fn the_registry_keeps_both_ways(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        let up = stage.record("select up_script from @migration_registry where version = '1.1.0'");
        assert_eq!(up, [stage.project.read(POTS)]);
        let down = stage.record("select down_script from @migration_registry where version = '1.1.0'");
        assert_eq!(down, ["drop table pots;\n"]);
    }

    fn every_execution_tells_who_when_and_how_long(stage) {
        let stage = stage.planted();
        stage.call("migrate")
            .env("GITHUB_ACTIONS", "true")
            .env("GITHUB_SERVER_URL", "https://github.example")
            .env("GITHUB_REPOSITORY", "garden/plants")
            .env("GITHUB_RUN_ID", "4711")
            .run()
            .ok();
        let told = stage.record(
            "select version from @migration_execution_history
             where started_at is not null and finished_at >= started_at and duration_ms >= 0 and statements = 2
             and executed_by <> '' and host <> '' and tool_version <> '' and checksum like 'v1:%' and run_id is not null
             and environment_name = 'development' and status = 'completed' and action = 'migrate'
             and ci_job like '%garden/plants%4711%' order by execution_id",
        );
        assert_eq!(told, ["1.0.0", "1.1.0"]);
    }

    fn a_failure_is_told_with_its_words(stage) {
        let stage = stage.planted();
        stage.write(POTS, "create table pots(id integer);\ninsert into flowers values (1);\n");
        stage.run("migrate").ended(code_behind_a_table(&stage));
        let words = stage.record("select error_message from @migration_execution_history where status = 'failed'");
        assert_eq!(words.len(), 1);
        assert!(words[0].contains("flowers") && words[0].contains(&format!("{}:", stage.line(2))), "{words:?}");
        let shown = stage.record("select last_error from @migration_dashboard where version = '1.1.0'");
        assert_eq!(shown, words);
    }

    fn the_dashboard_has_one_line_for_each_migration(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        stage.run("rollback --yes").ok();
        let lines = stage.record(
            "select version || ' ' || status || ' ' || executions from @migration_dashboard
             where environment_name = 'development' order by version",
        );
        assert_eq!(lines, ["1.0.0 applied 1", "1.1.0 rolled-back 2"]);
    }

    fn deployments_can_be_listed_for_an_environment(stage) {
        let stage = stage.planted().settings("[environments.production]");
        stage.run("migrate --environment production").ok();
        let lines = stage.record(
            "select version from @deployment_history where environment_name = 'production'
             and deployment_end >= deployment_start order by deployment_start, version",
        );
        assert_eq!(lines, ["1.0.0", "1.1.0"]);
    }

    fn the_current_version_is_one_query_away(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        assert_eq!(stage.record("select version from @database_version"), ["1.1.0"]);
        stage.run("rollback --yes").ok();
        assert_eq!(stage.record("select version from @database_version"), ["1.0.0"]);
    }

    fn nothing_to_do_writes_nothing(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        let before = stage.database.dump(true);
        stage.run("migrate").ok();
        assert_eq!(stage.database.dump(true), before);
    }

    fn the_lock_is_given_back_after_every_end(stage) {
        let stage = stage.planted();
        let held = "select lock_name from @migration_locks where expires_at > current_timestamp";
        stage.run("migrate").ok();
        assert!(stage.record(held).is_empty());
        stage.write("migrations/V1.2.0__Add_beds.sql", "create table plants(id integer);\n");
        stage.run("migrate").ended(6);
        assert!(stage.record(held).is_empty());
        stage.run("lock status").ok();
    }
}

#[test]
fn the_records_place_can_be_chosen_on_sqlite() {
    let stage = Stage::empty_on_sqlite()
        .planted()
        .settings("history_prefix = \"dbvc_\"");
    stage.run("migrate").ok();
    assert!(stage.has("dbvc_migration_execution_history"));
    assert!(!stage.has("version_control_migration_execution_history"));
    stage.run("status --check").ok();
}

#[test]
fn the_records_place_can_be_chosen_on_postgres() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let stage = stage.planted().settings("history_schema = \"Gardener's\"");
    stage.run("migrate").ok();
    assert_eq!(
        stage
            .database
            .texts("select count(*)::text from \"Gardener's\".migration_registry"),
        ["2"]
    );
    stage.run("status --check").ok();
    stage.run("rollback --yes").ok();
}
