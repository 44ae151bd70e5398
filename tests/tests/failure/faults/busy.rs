//! Somebody else writes to the SQLite file.

use std::time::{Duration, Instant};

use dbvc_tests::stage::Stage;
use dbvc_tests::{Invocation, Ran};

fn stage() -> Stage {
    let stage = Stage::empty_on_sqlite().planted();
    stage.run("migrate --target 1.0.0").ok();
    stage
}

fn patient(stage: &Stage, line: &str, millis: u32) -> Invocation {
    stage
        .call(line)
        .env("DBVC_URL", &format!("{}?busy_timeout={millis}", stage.url()))
}

/// Runs while another connection is the writer, for so long.
fn while_another_writes(stage: &Stage, call: &Invocation, long: Duration) -> Ran {
    let mut child = None;
    stage
        .database
        .holding("insert into plants values (9, 'moss')", || {
            child = Some(call.start());
            std::thread::sleep(long);
        });
    call.finish(child.expect("it was started"))
}

#[test]
fn a_run_waits_for_a_writer_that_ends() {
    let stage = stage();
    let call = patient(&stage, "migrate", 300);
    while_another_writes(&stage, &call, Duration::from_secs(2)).ok();
    assert!(stage.has("pots"));
    stage.run("status --check").ok();
}

#[test]
fn a_writer_that_does_not_end_is_told() {
    let stage = stage();
    let before = stage.database.dump(false);
    let begun = Instant::now();
    stage
        .database
        .holding("insert into plants values (9, 'moss')", || {
            patient(&stage, "migrate --lock-wait 1s", 300)
                .run()
                .ended(5)
                .said("another connection has been writing to the file")
                .said("--lock-wait");
            patient(&stage, "status", 300).run().ok();
        });
    assert!(begun.elapsed() < Duration::from_secs(10));
    assert_eq!(stage.database.dump(false), before);
    stage.run("migrate").ok();
}

/// The writer comes when the run has its lock and before it is done.
#[test]
fn a_writer_between_two_migrations_is_waited_for_and_the_tries_show() {
    let stage = stage().settings("lock_patience = \"20s\"");
    for number in 0..200 {
        stage.write(
            &format!("migrations/V2.{number}.0__Create_t{number}.sql"),
            &format!("create table t{number}(id integer);\ninsert into t{number} select value from json_each('[1,2,3]');\n"),
        );
    }
    let call = patient(&stage, "migrate --json", 100);
    let child = call.start();
    dbvc_tests::wait_for("some migrations to be done", || stage.has("t3").then_some(()));
    stage
        .database
        .holding("insert into plants values (9, 'moss')", || {
            std::thread::sleep(Duration::from_secs(1));
        });
    let ran = call.finish(child).ok();
    assert!(stage.has("t199"), "{ran}");
    ran.said("retrying").said("writing to the file");
}
