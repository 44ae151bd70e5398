//! Somebody else writes to the SQLite file.

use std::time::{Duration, Instant};

use dbvc_tests::stage::{POTS, Stage};
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

/// The writer comes when the run has its lock: a statement that only reads lets it.
#[test]
fn a_writer_that_comes_in_the_middle_is_waited_for_and_the_tries_show() {
    let stage = stage();
    stage.write(
        POTS,
        "-- dbvc: no-transaction\ncreate table pots(id integer);\n\
         with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000000) select max(i) from n;\n\
         create table beds(id integer);\n",
    );
    let call = patient(&stage, "migrate --json", 100);
    let child = call.start();
    dbvc_tests::wait_for("the first statement to be done", || {
        stage.has("pots").then_some(())
    });
    std::thread::sleep(Duration::from_millis(100));
    stage
        .database
        .holding("insert into plants values (9, 'moss')", || {
            std::thread::sleep(Duration::from_secs(9));
        });
    let ran = call.finish(child).ok();
    assert!(stage.has("beds"), "{ran}");
    ran.said("retrying").said("writing to the file");
}

#[test]
fn when_the_patience_ends_in_the_middle_the_next_run_goes_on() {
    let stage = stage().settings("lock_patience = \"500ms\"");
    stage.write(
        POTS,
        "-- dbvc: no-transaction\ncreate table pots(id integer);\n\
         with recursive n(i) as (select 1 union all select i + 1 from n where i < 3000000) select max(i) from n;\n\
         create table beds(id integer);\n",
    );
    let call = patient(&stage, "migrate", 100);
    let child = call.start();
    dbvc_tests::wait_for("the first statement to be done", || {
        stage.has("pots").then_some(())
    });
    std::thread::sleep(Duration::from_millis(100));
    let mut ran = None;
    stage
        .database
        .holding("insert into plants values (9, 'moss')", || {
            ran = Some(call.finish(child));
        });
    ran.expect("it ended")
        .ended(7)
        .said("DBVC5004")
        .said("another connection has been writing to the file")
        .said("2 of 3 statements took effect and stay");
    stage.run("migrate --in-flight done").ok();
    assert!(stage.has("beds"));
    stage.run("status --check").ok();
}
