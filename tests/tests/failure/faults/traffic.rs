//! A schema change that would queue behind a long reader must not hold up those who come after it.

use std::time::{Duration, Instant};

use dbvc_tests::stage::{POTS, Stage};
use dbvc_tests::wait_for;

/// A reader whose transaction stays open.
const READER: &str = "select count(*) from plants";

/// How long another reader may have to wait: the limit, and what a busy machine adds.
const LONGEST: Duration = Duration::from_millis(2500);

/// A project with one migration to go, which wants the whole table.
fn stage(settings: &str, script: &str) -> Option<Stage> {
    let stage = Stage::empty_on_postgres()?.planted().settings(settings);
    stage.run("migrate --target 1.0.0").ok();
    stage.write(POTS, script);
    Some(stage)
}

/// Reads the table as others do, again and again, and gives the longest that took.
fn read_meanwhile(stage: &Stage, reads: usize) -> Duration {
    let mut longest = Duration::ZERO;
    for _ in 0..reads {
        let begun = Instant::now();
        stage.database.texts("select count(*)::text from plants");
        longest = longest.max(begun.elapsed());
        std::thread::sleep(Duration::from_millis(100));
    }
    longest
}

fn waits(stage: &Stage) -> bool {
    let waiting = "select pid::text from pg_stat_activity where datname = current_database() and wait_event_type = 'Lock'";
    !stage.database.texts(waiting).is_empty()
}

fn lets_readers_pass(script: &str) {
    let Some(stage) = stage("lock_timeout = \"700ms\"", script) else {
        return;
    };
    let call = stage.call("migrate");
    let mut child = None;
    stage.database.holding(READER, || {
        child = Some(call.start());
        wait_for("the migration to wait", || waits(&stage).then_some(()));
        let longest = read_meanwhile(&stage, 20);
        assert!(longest < LONGEST, "a reader waited {longest:?}");
    });
    let ran = call.finish(child.expect("it was started")).ok();
    ran.said("retrying").said("is in the way");
    assert_eq!(
        stage.database.texts("select height::text from plants"),
        ["7"],
        "applied once"
    );
}

#[test]
fn a_migration_gives_up_and_tries_again_until_the_reader_is_gone() {
    lets_readers_pass("alter table plants add column height integer default 7;\n");
}

#[test]
fn a_statement_outside_a_transaction_does_so_too() {
    lets_readers_pass("-- dbvc: no-transaction\nalter table plants add column height integer default 7;\n");
}

/// It wants the whole table, though it refuses a transaction.
#[test]
fn so_does_one_that_refuses_a_transaction_and_locks_everybody_out() {
    let Some(stage) = stage("lock_timeout = \"700ms\"", "vacuum full plants;\n") else {
        return;
    };
    let call = stage.call("migrate");
    let mut child = None;
    stage.database.holding(READER, || {
        child = Some(call.start());
        wait_for("the statement to wait", || waits(&stage).then_some(()));
        let longest = read_meanwhile(&stage, 20);
        assert!(longest < LONGEST, "a reader waited {longest:?}");
    });
    let ran = call.finish(child.expect("it was started")).ok();
    ran.said("retrying");
}

#[test]
fn how_often_it_was_tried_is_in_the_report() {
    let Some(stage) = stage(
        "lock_timeout = \"200ms\"",
        "alter table plants add column height integer;\n",
    ) else {
        return;
    };
    let call = stage.call("migrate --json");
    let mut child = None;
    stage.database.holding(READER, || {
        child = Some(call.start());
        wait_for("the migration to wait", || waits(&stage).then_some(()));
        std::thread::sleep(Duration::from_secs(1));
    });
    let ran = call.finish(child.expect("it was started")).ok();
    let report = dbvc_tests::stage::parsed(&ran);
    assert!(
        report["steps"][0]["retries"]
            .as_u64()
            .is_some_and(|times| times >= 1),
        "{report:#}"
    );
}

#[test]
fn when_the_patience_ends_it_says_who_was_in_the_way() {
    let Some(stage) = stage(
        "lock_timeout = \"300ms\"\nlock_patience = \"1s\"",
        "create table pots(id integer);\nalter table plants add column height integer;\n",
    ) else {
        return;
    };
    stage.database.holding(READER, || {
        stage
            .run("migrate")
            .ended(6)
            .said("V1.1.0__Add_pots.sql:2:")
            .said("55P03")
            .said("is in the way, idle in transaction")
            .said("pg_terminate_backend")
            .said("nothing changed");
    });
    assert!(!stage.has("pots"));
    stage.run("migrate").ok();
}

#[test]
fn without_a_word_in_the_configuration_it_waits_five_seconds() {
    let Some(stage) = stage(
        "lock_patience = \"1s\"",
        "alter table plants add column height integer;\n",
    ) else {
        return;
    };
    stage.database.holding(READER, || {
        let begun = Instant::now();
        stage.run("migrate").ended(6);
        let took = begun.elapsed();
        assert!(
            (Duration::from_secs(5)..Duration::from_secs(20)).contains(&took),
            "{took:?}"
        );
    });
}

#[test]
fn an_index_that_is_built_beside_the_traffic_waits_for_it_without_limit() {
    let Some(stage) = stage("", "create index concurrently plants_by_name on plants(name);\n") else {
        return;
    };
    let call = stage.call("migrate");
    let mut child = None;
    stage
        .database
        .holding("insert into plants values (2, 'fern')", || {
            child = Some(call.start());
            wait_for("the migration to wait", || waits(&stage).then_some(()));
            let longest = read_meanwhile(&stage, 55);
            assert!(longest < LONGEST, "a reader waited {longest:?}");
        });
    call.finish(child.expect("it was started"))
        .ok()
        .kept_quiet_about("retrying");
}
