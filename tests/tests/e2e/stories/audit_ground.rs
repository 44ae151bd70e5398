//! What the chain of events stands on: its head, and a record that is old enough to have none.

use dbvc_tests::on_every_database;
use dbvc_tests::stage::Stage;

fn behind_dbvcs_back(stage: &Stage, script: &str) {
    stage.database.run(&stage.database.named(script));
}

/// A table of the record gets another name.
fn rename(stage: &Stage, from: &str, to: &str) {
    let from = stage.own(from);
    let script = if stage.is_mssql() {
        format!("exec sp_rename '{from}', '{to}'")
    } else if stage.is_postgres() {
        format!("alter table {from} rename to {to}")
    } else {
        format!("alter table {from} rename to {}", stage.own(to))
    };
    behind_dbvcs_back(stage, &script);
}

on_every_database! {
    fn nothing_runs_that_the_trail_could_not_tell_of(stage) {
        let stage = stage.planted();
        stage.run("migrate --target 1.0.0").ok();
        behind_dbvcs_back(&stage, "delete from @audit_heads");
        for command in ["migrate", "rollback --yes"] {
            stage.run(command).ended(9).said("DBVC8010").said("`audit_heads` has no row `this`");
        }
        let status = stage.json("status");
        assert_eq!(status["version"], "1.0.0", "{status}");
    }

    fn a_record_that_lacks_a_table_is_not_taken_for_a_new_one(stage) {
        let stage = stage.planted();
        stage.run("migrate --target 1.0.0").ok();
        for table in [
            "db_inventory",
            "migration_applied_status",
            "migration_execution_history",
            "migration_fences",
            "migration_locks",
            "migration_registry",
            "schema_snapshots",
        ] {
            rename(&stage, table, "elsewhere");
            let before = stage.database.dump(true);
            for command in ["status", "migrate", "migrate --dry-run", "rollback --yes"] {
                let ran = stage.run(command).ended(9);
                ran.said("DBVC8010").said("a table of dbvc's record is gone").said(table);
            }
            let missing = format!("the record's table {table} is not there");
            stage.run("audit verify").ended(1).said(&missing);
            assert_eq!(stage.database.dump(true), before, "the database was changed");
            rename(&stage, "elsewhere", table);
        }
        stage.run("audit verify").ok();
        stage.run("migrate").ok();
    }

    fn a_record_that_does_not_say_its_layout_is_not_taken_for_a_new_one(stage) {
        let stage = stage.planted();
        stage.run("migrate --target 1.0.0").ok();
        behind_dbvcs_back(&stage, "delete from @db_inventory");
        let before = stage.database.dump(true);
        for command in ["status", "migrate", "rollback --yes"] {
            stage.run(command).ended(9).said("DBVC8010").said("`db_inventory` is gone");
        }
        assert_eq!(stage.database.dump(true), before, "the database was changed");
    }

    fn a_record_without_a_trail_gets_one_and_keeps_its_history(stage) {
        let stage = stage.planted();
        stage.run("migrate --target 1.0.0").ok();
        behind_dbvcs_back(&stage, "drop table @audit_events; drop table @audit_heads; update @db_inventory set layout = 3");
        let before = stage.json("history");
        stage.run("status").ok();
        stage.run("migrate").ok();
        let log = stage.json("audit log --limit 0");
        let begun = &log["events"][0];
        assert_eq!(begun["action"], "chain-started", "{log}");
        assert_eq!(begun["details"]["layoutBefore"], "3", "{log}");
        assert_eq!(begun["details"]["executionsBefore"], "1", "{log}");
        let after = stage.json("history");
        let entries = |history: &serde_json::Value| history["executions"].as_array().map(Vec::len);
        assert_eq!(entries(&before), Some(1), "{before}");
        assert_eq!(entries(&after), Some(2), "{after}");
        stage.run("audit verify").ok().said("intact");
    }
}
