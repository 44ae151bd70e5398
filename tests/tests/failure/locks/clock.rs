//! Clocks that jump.

use dbvc_tests::servers::fake_clock;
use dbvc_tests::stage::Stage;
use dbvc_tests::{Invocation, on_every_database};

use super::{Runner, all_were_applied_once, between_two, paused, paused_in_the_middle, write_many};

const LEASE: &str = "lock_lease = \"3s\"";

/// The call, with a wall clock that is what `file` says. As on a real machine, the clock that counts time since the
/// start does not jump with it.
fn with_clock(call: Invocation, library: &str, file: &str) -> Invocation {
    call.env("LD_PRELOAD", library)
        .env("FAKETIME_TIMESTAMP_FILE", file)
        .env("FAKETIME_NO_CACHE", "1")
        .env("FAKETIME_DONT_FAKE_MONOTONIC", "1")
}

on_every_database! {
    fn a_clients_clock_that_jumps_during_a_run_does_not_matter(stage) {
        let Some(library) = fake_clock() else { return };
        let stage = stage.planted().settings(LEASE);
        write_many(&stage);
        let file = stage.project.path().join("clock");
        let file = file.to_string_lossy();
        std::fs::write(&*file, "+0").unwrap();
        let runner = paused(&stage, Runner::of(with_clock(stage.call("migrate"), library, &file)));
        for jump in ["+1d", "-1d", "+0"] {
            std::fs::write(&*file, jump).unwrap();
            runner.signal("CONT");
            std::thread::sleep(std::time::Duration::from_millis(20));
            between_two(&stage, || runner.signal("STOP"));
        }
        runner.signal("CONT");
        runner.end().ok();
        all_were_applied_once(&stage);
    }

    /// Neither does a rival's: whether the holder lives is the server's to say.
    fn a_rival_from_tomorrow_or_from_yesterday_takes_nothing(stage) {
        let Some(library) = fake_clock() else { return };
        let stage = stage.planted();
        write_many(&stage);
        let holder = paused_in_the_middle(&stage);
        let file = stage.project.path().join("clock");
        let file = file.to_string_lossy();
        for clock in ["+1d", "-1d"] {
            std::fs::write(&*file, clock).unwrap();
            with_clock(stage.call("migrate --lock-wait 300ms"), library, &file).run().ended(5).said("DBVC4002");
        }
        holder.kill();
        with_clock(stage.call("migrate --lock-wait 2s"), library, &file).run().ok();
        all_were_applied_once(&stage);
    }
}

/// The server's clock jumped: the lease seems to have ended long ago, or to last for an hour. The session still tells.
#[test]
fn a_servers_clock_that_jumps_robs_nobody_who_is_known_to_live() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let stage = stage.planted();
    write_many(&stage);
    let holder = paused_in_the_middle(&stage);
    for hours in ["-1", "2"] {
        moved(&stage, hours);
        stage.run("migrate --lock-wait 300ms").ended(5).said("DBVC4002");
    }
    holder.signal("CONT");
    holder.end().ok();
    all_were_applied_once(&stage);
}

/// The holder died and its lease seems to last for an hour.
#[test]
fn a_servers_clock_that_jumped_back_does_not_keep_a_dead_holders_lock() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let stage = stage.planted();
    write_many(&stage);
    let holder = paused_in_the_middle(&stage);
    moved(&stage, "1");
    holder.kill();
    stage.run("migrate --lock-wait 2s").ok().said("took over");
    all_were_applied_once(&stage);
}

/// What the row looks like when the server's clock jumps the other way.
fn moved(stage: &Stage, hours: &str) {
    stage.database.run(&format!(
        "update {} set acquired_at = acquired_at + interval '{hours} hours', renewed_at = renewed_at + interval '{hours} hours',
         expires_at = expires_at + interval '{hours} hours'",
        stage.own("migration_locks")
    ));
}
