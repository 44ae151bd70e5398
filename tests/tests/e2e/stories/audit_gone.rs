//! A trail that was removed, in whole or in part, and a database that was made anew beside a sink that knows the old one.

use dbvc_tests::stage::Stage;

fn behind_dbvcs_back(stage: &Stage, script: &str) {
    stage.database.run(&stage.database.named(script));
}

/// With a sink of this policy that has all of a first run.
fn shipping(policy: &str) -> Stage {
    let stage = Stage::empty_on_sqlite().planted().settings(&format!(
        "[audit.sinks.archive]\nurl = \"file:events.jsonl\"\non_failure = \"{policy}\""
    ));
    stage.run("migrate --target 1.0.0").ok();
    stage
}

#[test]
fn a_database_made_anew_is_not_migrated_where_a_blocking_sink_knows_another_one() {
    let stage = shipping("block");
    let old = stage.project.read("events.jsonl");
    behind_dbvcs_back(
        &stage,
        "drop view if exists @deployment_history; drop view if exists @migration_dashboard; \
         drop view if exists @database_version; drop table @audit_events; drop table @audit_heads; \
         drop table @migration_execution_history; drop table @migration_applied_status; \
         drop table @migration_registry; drop table @schema_snapshots; drop table @migration_locks; \
         drop table @migration_fences; drop table @db_inventory; drop table plants",
    );
    stage
        .run("migrate")
        .ended(9)
        .said("DBVC8020")
        .said("another chain")
        .said("audit restart");
    assert!(!stage.has("plants"), "something ran");
    assert_eq!(stage.json("status")["installed"], false);
    assert_eq!(stage.project.read("events.jsonl"), old);
    stage
        .call("audit restart --reason")
        .args(["made anew"])
        .run()
        .ok();
    stage.run("migrate").ok();
    assert!(stage.has("plants"));
    stage.run("audit verify").ok().said("of before").said("intact");
}

#[test]
fn a_trail_whose_tables_were_dropped_is_told_by_every_command_and_begun_anew() {
    for tables in [
        "drop table @audit_events; drop table @audit_heads",
        "drop table @audit_events",
        "drop table @audit_heads",
    ] {
        let stage = shipping("warn");
        behind_dbvcs_back(&stage, tables);
        for command in [
            "migrate",
            "audit flush",
            "audit log",
            "audit note backup --reason nightly",
        ] {
            let ran = stage.run(command).ended(9);
            ran.said("DBVC8010")
                .said("a table of the audit trail is gone")
                .said("audit restart");
        }
        stage.run("status").ok().kept_quiet_about("archive has all");
        assert!(!stage.has("pots"), "something ran after `{tables}`");
        let ran = stage
            .call("audit restart --keep old.jsonl --reason")
            .args(["dropped"])
            .run();
        ran.ok();
        stage.run("migrate").ok();
        stage.run("audit verify").ok().said("of before").said("intact");
    }
}

#[test]
fn events_without_their_head_are_not_called_an_empty_trail() {
    let stage = shipping("warn");
    behind_dbvcs_back(&stage, "delete from @audit_heads");
    for command in [
        "audit flush",
        "audit log",
        "audit export --format csv --output trail.csv",
    ] {
        let ran = stage.run(command).ended(9);
        ran.said("DBVC8010").said("`audit_heads` has no row `this`");
    }
    stage.run("status").ok().kept_quiet_about("archive has all");
    // A sink is asked for the chain that the events name.
    stage.run("audit log --from archive").ok().said("run-started");
}
