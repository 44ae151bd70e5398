//! Ctrl-C once and twice, and SIGTERM as a container's stop sends it: wherever the run is.

use std::process::Child;
use std::time::{Duration, Instant};

use dbvc_tests::proxy::{Fault, Protocol, Proxy};
use dbvc_tests::stage::{POTS, Stage};
use dbvc_tests::{Invocation, Ran, on_every_database, signal, wait_for};

/// A container's stop kills after ten seconds; a run must be done with tidying up long before.
const SOON: Duration = Duration::from_secs(5);
/// What a second Ctrl-C promises.
const AT_ONCE: Duration = Duration::from_secs(1);

/// Waits until a run is at the long statement.
fn at_work(stage: &Stage) {
    wait_for("a run at work", || {
        let working = if stage.is_postgres() {
            let query = "select pid::text from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'";
            !stage.database.texts(query).is_empty()
        } else {
            stage.run("lock status").all().contains("migrate")
        };
        working.then_some(())
    });
    if !stage.is_postgres() {
        std::thread::sleep(Duration::from_millis(500));
    }
}

fn ends_within(call: &Invocation, child: Child, longest: Duration) -> Ran {
    let begun = Instant::now();
    let ran = call.finish(child);
    let took = begun.elapsed();
    assert!(took < longest, "it took {took:?} to end:\n{ran}");
    ran
}

/// One migration is done and the next at its long statement, after a short one.
fn in_the_middle(stage: &Stage, directive: &str) -> (Invocation, Child) {
    let work = if directive.is_empty() {
        stage.long_work()
    } else {
        stage.long_step()
    };
    stage.write(
        POTS,
        &format!("{directive}create table pots(id integer);\n{work}"),
    );
    let call = stage.call("migrate");
    let child = call.start();
    at_work(stage);
    (call, child)
}

/// A server works on when a run ended in the middle of a statement, and the next run would wait for that.
fn end_what_works_on(stage: &Stage) {
    if stage.is_postgres() {
        stage.database.run(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'",
        );
    }
    if stage.is_mssql() {
        for session in stage.database.texts(
            "select cast(session_id as varchar(9)) from sys.dm_exec_sessions where database_id = db_id() and session_id <> @@spid
             and is_user_process = 1",
        ) {
            // One that has gone meanwhile is an error (6106).
            let kill = format!("begin try exec('kill {session}') end try begin catch end catch");
            stage.database.run(&kill);
        }
    }
    if stage.is_mysql() {
        let working = "select cast(id as char) from information_schema.processlist where db = database() \
                       and info like 'create table slow%'";
        for id in stage.database.texts(working) {
            stage.database.run(&format!("kill {id}"));
        }
    }
}

fn goes_on(stage: &Stage, directive: &str) {
    stage.speed_up();
    stage.write(
        POTS,
        &format!("{directive}create table pots(id integer);\ncreate table slow(i integer);\n"),
    );
    stage.run("migrate --lock-wait 5s").ok();
    assert!(stage.has("pots") && stage.has("slow"));
    stage.run("status --check").ok();
}

on_every_database! {
    fn once_in_a_transaction(stage) {
        let stage = stage.planted();
        for name in ["INT", "TERM"] {
            let (call, child) = in_the_middle(&stage, "");
            signal(&child, name);
            let ran = ends_within(&call, child, SOON)
                .ended(130)
                .said("DBVC5003")
                .said("run `dbvc migrate` to go on");
            if stage.is_mysql() {
                ran.said("1 of 2 statements took effect and stay");
            } else {
                ran.said("nothing changed");
            }
            assert_eq!(stage.has("pots"), stage.is_mysql(), "what was done stays, and nothing else");
            assert!(stage.has("plants") && !stage.has("slow"));
        }
        goes_on(&stage, "");
    }

    fn once_outside_a_transaction(stage) {
        let stage = stage.planted();
        let directive = "-- dbvc: no-transaction\n";
        let (call, child) = in_the_middle(&stage, directive);
        signal(&child, "TERM");
        ends_within(&call, child, SOON)
            .ended(130)
            .said("DBVC5003")
            .said("1 of 2 statements took effect and stay");
        assert!(stage.has("pots") && !stage.has("slow"));
        goes_on(&stage, directive);
    }

    fn twice_in_a_transaction(stage) {
        let stage = stage.planted();
        let (call, child) = in_the_middle(&stage, "");
        signal(&child, "INT");
        signal(&child, "INT");
        ends_within(&call, child, AT_ONCE).ended(130);
        end_what_works_on(&stage);
        goes_on(&stage, "");
    }

    fn twice_outside_a_transaction(stage) {
        let stage = stage.planted();
        let directive = "-- dbvc: no-transaction\n";
        let (call, child) = in_the_middle(&stage, directive);
        signal(&child, "INT");
        signal(&child, "INT");
        ends_within(&call, child, AT_ONCE).ended(130);
        end_what_works_on(&stage);
        stage.run("status").ok().said("partial");
        goes_on(&stage, directive);
    }

    fn while_waiting_for_the_lock(stage) {
        let stage = stage.planted();
        let (holder_call, holder) = in_the_middle(&stage, "");
        let call = stage.call("migrate --lock-wait 60s");
        let child = call.start();
        std::thread::sleep(Duration::from_millis(800));
        signal(&child, "INT");
        ends_within(&call, child, SOON)
            .ended(130)
            .said("stopped while waiting for the lock; nothing was changed");
        signal(&holder, "INT");
        ends_within(&holder_call, holder, SOON).ended(130);
        goes_on(&stage, "");
    }
}

#[test]
fn while_connecting() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let stage = stage.planted();
    let proxy = Proxy::before(&stage.url(), Protocol::Postgres);
    proxy.plan(1, Fault::HushAll);
    let call = stage.call("migrate").env("DBVC_URL", &proxy.to(&stage.url()));
    let child = call.start();
    wait_for("the run to connect", || proxy.struck().then_some(()));
    signal(&child, "INT");
    ends_within(&call, child, AT_ONCE).ended(130).said("DBVC4003");
}

/// The first is polite and waits for the server; the second is not.
#[test]
fn twice_while_a_statement_cannot_be_stopped() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let stage = stage.planted();
    stage.write(POTS, stage.long_work());
    let proxy = Proxy::before(&stage.url(), Protocol::Postgres);
    let call = stage.call("migrate").env("DBVC_URL", &proxy.to(&stage.url()));
    let mut child = call.start();
    at_work(&stage);
    proxy.plan(1, Fault::HushAll);
    signal(&child, "INT");
    wait_for("the run to ask the server", || proxy.struck().then_some(()));
    std::thread::sleep(Duration::from_millis(500));
    assert!(child.try_wait().unwrap().is_none(), "it waits for the server");
    signal(&child, "INT");
    ends_within(&call, child, AT_ONCE).ended(130);
    end_what_works_on(&stage);
    stage.write(POTS, "create table slow(i integer);\n");
    stage.run("migrate --lock-wait 10s").ok();
    stage.run("status --check").ok();
}

#[test]
fn while_the_server_says_nothing() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let stage = stage.planted();
    stage.run("migrate --target 1.0.0").ok();
    // Wherever it is before the first migration: reading the record, or taking the lock.
    for message in 4..=9 {
        let proxy = Proxy::before(&stage.url(), Protocol::Postgres);
        proxy.plan(message, Fault::HushAll);
        let call = stage.call("migrate").env("DBVC_URL", &proxy.to(&stage.url()));
        let child = call.start();
        wait_for("the run to come so far", || proxy.struck().then_some(()));
        signal(&child, "TERM");
        ends_within(&call, child, SOON).ended(130);
    }
    stage.run("migrate").ok();
}
