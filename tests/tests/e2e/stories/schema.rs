//! The schema itself: snapshots and differences.

use dbvc_tests::stage::{Stage, parsed};
use dbvc_tests::{on_every_database, on_every_server};

const CURRENT: &str = "schema_snapshots/schema_current.json";

on_every_database! {
    fn a_snapshot_is_the_same_to_the_byte_while_the_schema_is(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        let report = stage.json("snapshot 1.1.0");
        assert_eq!(report["files"].as_array().map(Vec::len), Some(4), "{report}");
        assert_eq!(report["objects"]["table"], 2);
        let first = stage.project.read("schema_snapshots/schema_v1.1.0.json");
        assert!(first.contains("\"name\": \"plants\""));
        assert!(!first.contains("migration_registry"), "the record is in it");
        stage.run("snapshot").ok();
        assert_eq!(stage.project.read(CURRENT), first);
        stage.run("diff schema_snapshots/schema_v1.1.0.json").ok().said("No differences.");
    }

    fn what_somebody_did_by_hand_shows_with_an_exit_code(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        stage.run("snapshot").ok();
        // MySQL keeps an index that a foreign key needs, and renames it.
        let other = if stage.is_mysql() {
            "alter table pots rename index pots_by_plant to pots_by_flower"
        } else if stage.is_mssql() {
            "drop index pots_by_plant on pots"
        } else {
            "drop index pots_by_plant"
        };
        stage.database.run(&format!("alter table pots add column colour text; {other};"));
        stage
            .run(&format!("diff {CURRENT}"))
            .ended(1)
            .said(&stage.words("+ column colour text"))
            .said("- index pots_by_plant");
        let found = parsed(&stage.call(&format!("diff {CURRENT} --json")).run().ended(1));
        assert_eq!(found["counts"]["changed"], 1, "{found}");
        assert_eq!(found["changes"][0]["object"]["name"], "pots");
    }

    fn the_sql_makes_an_equal_schema(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        stage.run("snapshot").ok();
        let sql = stage.project.read("schema_snapshots/schema_current.sql");
        let other = match stage.url().split(':').next() {
            Some("sqlite") => Some(Stage::empty_on_sqlite()),
            Some("mariadb") => Stage::empty_on_mariadb(),
            Some("mysql") => Stage::empty_on_mysql(),
            Some("mssql") => Stage::empty_on_mssql(),
            _ => Stage::empty_on_postgres(),
        };
        let other = other.expect("a server");
        other.database.run(&sql);
        other.write("before.json", &stage.project.read(CURRENT));
        other.run("diff before.json").ok().said("No differences.");
    }

    fn two_addresses_are_compared(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        let url = stage.url();
        stage.run(&format!("diff {url} {url}")).ok().said("No differences.");
    }
}

on_every_server! {
    fn a_key_that_counts_is_the_key_of_sqlite_that_counts_by_itself(stage) {
        let counted = match stage.system() {
            "postgres" => "bigint generated always as identity",
            "mssql" => "bigint identity",
            _ => "bigint auto_increment",
        };
        let plants = |id: &str| format!("create table plants (id {id} primary key, name varchar(40) not null);");
        stage.database.run(&plants(counted));
        stage.run("snapshot --files-only").ok();
        let here = Stage::empty_on_sqlite();
        here.database.run(&plants("integer"));
        here.write("other.json", &stage.project.read(CURRENT));
        here.run("diff --logical other.json").ok().said("No differences between");
        let there = Stage::empty_on_sqlite();
        there.database.run(&plants("int"));
        there.write("other.json", &stage.project.read(CURRENT));
        there.run("diff --logical other.json").ended(1).said("column id counts up on one side only");
    }
}

#[test]
fn what_is_no_snapshot_is_refused_by_name() {
    let stage = Stage::empty_on_sqlite();
    stage.write("plan.json", "{\"steps\": []}");
    stage
        .run("diff plan.json")
        .ended(2)
        .said("DBVC7011")
        .said("plan.json");
    stage.run("diff nowhere.json").ended(2).said("DBVC7006");
    stage.run("diff nowhere").ended(3).said("nowhere");
}

#[test]
fn schemas_of_two_systems_are_refused_and_compared_by_what_they_share() {
    let stage = Stage::empty_on_sqlite().planted();
    stage.run("migrate").ok();
    stage.run("snapshot --files-only").ok();
    let other = stage.project.read(CURRENT).replace("\"sqlite\"", "\"postgres\"");
    stage.write("other.json", &other);
    stage
        .run("diff other.json")
        .ended(2)
        .said("DBVC7012")
        .said("--logical");
    stage
        .run("diff --logical other.json")
        .ok()
        .said("No differences between postgres and sqlite.");
    stage.database.run("alter table pots add column colour text;");
    stage
        .run("diff --logical other.json")
        .ended(1)
        .said("column colour only in sqlite");
}
