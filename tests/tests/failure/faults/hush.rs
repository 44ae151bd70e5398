//! Connections that fall silent: nothing comes any more, and nobody says that they ended.

use std::time::{Duration, Instant};

use dbvc_tests::Ran;
use dbvc_tests::proxy::{Fault, Protocol, Proxy};
use dbvc_tests::stage::{POTS, Stage};

/// What ends every wait of these tests: the server is asked after three times this.
const SETTING: &str = "connect_timeout=1";

/// After a transaction's message come the lock's end and two goodbyes.
const TRANSACTION: u32 = 3;
/// After a stepwise script's last entry in the history comes the session's refreshment before that.
const ENTRY: u32 = 4;

fn timed(what: impl FnOnce() -> Ran) -> (Ran, Duration) {
    let begun = Instant::now();
    let ran = what();
    (ran, begun.elapsed())
}

#[test]
fn a_server_that_takes_connections_and_never_answers_is_given_up() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let stage = stage.planted();
    let proxy = Proxy::before(&stage.url(), Protocol::Postgres);
    let url = format!("{}&{SETTING}", proxy.to(&stage.url()));
    proxy.plan(1, Fault::HushAll);
    let (ran, took) = timed(|| stage.call("migrate").env("DBVC_URL", &url).run());
    ran.ended(4)
        .said("DBVC4001")
        .said("no answer within 1 s")
        .said("connect_timeout");
    assert!(took < Duration::from_secs(5), "{took:?}");
}

/// The last migration's connection falls silent; the lock's and new ones do not.
fn falls_silent(script: &str, behind: u32) {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let stage = stage.planted();
    stage.write(POTS, script);
    stage.write("rollback/V1.1.0__Add_pots_rollback.sql", "drop table pots;\n");
    let proxy = Proxy::before(&stage.url(), Protocol::Postgres);
    let url = format!("{}&{SETTING}", proxy.to(&stage.url()));
    let run = || stage.call("migrate").env("DBVC_URL", &url).run();
    let messages = [(); 2].map(|()| {
        proxy.plan(u32::MAX, Fault::Hush);
        run().ok();
        stage.run("rollback --to 0 --yes").ok();
        proxy.messages()
    });

    // The first run made the record, too.
    proxy.plan(messages[1] - behind, Fault::Hush);
    let (ran, took) = timed(run);
    assert!(proxy.struck(), "{ran}");
    assert!(took < Duration::from_secs(25), "{took:?}\n{ran}");
    ran.ended(4)
        .said("no answer came")
        .said("run `dbvc migrate` again");
    stage.run("migrate --lock-wait 0s").ok();
    stage.run("status --check").ok();
    assert!(stage.has("pots"));
}

#[test]
fn one_that_falls_silent_in_a_transaction_is_noticed() {
    falls_silent("create table pots(id integer);\n", TRANSACTION);
}

#[test]
fn one_that_falls_silent_at_the_record_is_noticed() {
    falls_silent("-- dbvc: no-transaction\ncreate table pots(id integer);\n", ENTRY);
}

#[test]
fn a_statement_may_take_longer_than_that() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let stage = stage.planted();
    let sign = if stage.url().contains('?') { '&' } else { '?' };
    let url = format!("{}{sign}{SETTING}", stage.url());
    stage.write(POTS, "select pg_sleep(8);\ncreate table pots(id integer);\n");
    stage.call("migrate").env("DBVC_URL", &url).run().ok();
}
