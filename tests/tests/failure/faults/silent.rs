//! The network goes silent in the middle of a run, and nobody says so.

use std::time::{Duration, Instant};

use dbvc_tests::proxy::{Fault, Protocol, Proxy};
use dbvc_tests::stage::Stage;

/// The lease, the patience with a statement that does not stop, and a few tries to connect again.
const LONGEST: Duration = Duration::from_secs(90);

/// The keeper of the lock finds out: what it sends is not answered either, so the run ends with its lease.
#[test]
fn a_connection_that_goes_silent_ends_the_run_with_its_lease() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let stage = stage.planted().settings("lock_lease = \"3s\"");
    let whole = stage.project.read("migrations/V1.1.0__Add_pots.sql");
    let slow = format!("{whole}select pg_sleep(1);\n");
    stage.write("migrations/V1.1.0__Add_pots.sql", &slow);
    let proxy = Proxy::before(&stage.url(), Protocol::Postgres);
    let through = proxy.to(&stage.url());
    // The first run makes the record; the second sends what the one that is disturbed sends.
    let mut messages = 0;
    for _ in 0..2 {
        let before = proxy.messages();
        stage.call("migrate").env("DBVC_URL", &through).run().ok();
        messages = proxy.messages() - before;
        stage.run("rollback --to 0 --yes").ok();
    }

    // The message with the migrations: after it come only the lock's end and two goodbyes.
    proxy.plan(messages - 3, Fault::HushAll);
    let begun = Instant::now();
    let ran = stage.call("migrate").env("DBVC_URL", &through).run();
    assert!(begun.elapsed() < LONGEST, "{:?}\n{ran}", begun.elapsed());
    assert!(proxy.struck() && ran.code != 0, "{ran}");
    // The way to the server stays open behind the run, so that for the server it lives.
    stage.run("lock break --force").ok();
    stage.run("migrate").ok();
    assert!(stage.has("plants") && stage.has("pots"));
}
