//! A transaction pooler between dbvc and the server: each transaction may be served by another process, so no session
//! proves anything, and the lease alone must do.

use std::time::{Duration, Instant};

use dbvc_tests::servers::PgBouncer;
use dbvc_tests::stage::{Database, Stage};
use dbvc_tests::wait_for;

use super::{
    MANY, PAST_THE_LEASE, Runner, SHORT_LEASE, all_at_once, all_were_applied_once, applied, completed,
    paused_in_the_middle, running, write_many,
};

/// A project that goes through the pooler; what tests look at, they look at directly.
fn pooled(more: &str) -> Option<Stage> {
    let stage = Stage::empty_on_postgres()?.planted();
    let url = PgBouncer::shared()?.to(&stage.url());
    stage.write(
        "dbvc.toml",
        &format!("[databases.plants]\nurl = \"{url}\"\nversioning = \"semantic\"\n{more}\n"),
    );
    Some(stage)
}

#[test]
fn everyday_work_goes_through_it() {
    let Some(stage) = pooled("statement_timeout = \"20s\"\nlock_timeout = \"3s\"") else {
        return;
    };
    let stage = stage.with_names();
    stage.write(
        "migrations/V1.2.0__Index_names.sql",
        "create index concurrently plants_by_name on plants(name);\n",
    );
    stage.write(
        "rollback/V1.2.0__Index_names_rollback.sql",
        "drop index concurrently plants_by_name;\n",
    );
    stage.run("status --check").ended(1);
    stage.run("migrate --dry-run").ok();
    stage.run("migrate").ok();
    stage.run("status --check").ok();
    stage.run("verify").ok();
    stage.run("history").ok().said("1.2.0");
    stage.run("rollback --yes --to 1.0.0").ok();
    assert!(stage.has("plants") && !stage.has("pots"));
    stage.run("migrate").ok();
    stage.run("status --check").ok();
    stage.run("lock status").ok().said("free");
}

/// What one client sets for its session would stay with the server's process and come to others.
#[test]
fn no_limit_stays_behind_in_the_poolers_sessions() {
    let Some(stage) = pooled("statement_timeout = \"7s\"\nlock_timeout = \"3s\"") else {
        return;
    };
    stage.write(
        "migrations/V1.2.0__Index_names.sql",
        "create index concurrently plants_by_name on plants(name);\ncreate index concurrently pots_by_id on pots(id);\n",
    );
    stage.run("migrate").ok();
    let url = PgBouncer::shared().unwrap().to(&stage.url());
    for setting in ["statement_timeout", "lock_timeout"] {
        for _ in 0..8 {
            let told = Database::Postgres(url.clone()).texts(&format!("show {setting}"));
            assert_eq!(told, ["0"], "{setting}");
        }
    }
}

#[test]
fn twenty_starters_apply_each_migration_once() {
    let Some(stage) = pooled("") else { return };
    for ran in all_at_once(&stage, "migrate --lock-wait 60s", 20) {
        ran.ok();
    }
    assert_eq!(
        completed(&stage),
        ["V1.0.0__Create_plants.sql", "V1.1.0__Add_pots.sql"]
    );
}

#[test]
fn a_killed_holders_lock_is_taken_over_when_its_lease_ends() {
    let Some(stage) = pooled("lock_lease = \"5s\"") else {
        return;
    };
    write_many(&stage);
    let holder = paused_in_the_middle(&stage);
    holder.kill();
    stage.run("lock status").ok().said("lease");
    stage.run("migrate --lock-wait 100ms").ended(5);
    let clock = Instant::now();
    stage.run("migrate --lock-wait 20s").ok().said("took over");
    let took = clock.elapsed();
    assert!(took < Duration::from_secs(10), "{took:?}");
    all_were_applied_once(&stage);
}

#[test]
fn a_holder_paused_past_its_lease_is_robbed_and_writes_nothing() {
    let Some(stage) = pooled(SHORT_LEASE) else { return };
    write_many(&stage);
    let holder = paused_in_the_middle(&stage);
    std::thread::sleep(PAST_THE_LEASE);
    stage.run("migrate --lock-wait 5s").ok().said("took over");
    all_were_applied_once(&stage);
    let before = stage.database.dump(true);
    holder.signal("CONT");
    holder.end().ended(5).said("DBVC5005").said("lost the lock");
    assert_eq!(stage.database.dump(true), before);
}

/// The rival is at work when the holder comes back.
#[test]
fn a_holder_that_comes_back_does_not_disturb_the_one_that_took_over() {
    let Some(stage) = pooled(SHORT_LEASE) else { return };
    write_many(&stage);
    let holder = paused_in_the_middle(&stage);
    std::thread::sleep(PAST_THE_LEASE);
    let before = applied(&stage);
    let rival = Runner::start(&stage, "migrate --lock-wait 5s");
    wait_for("the rival to be at work", || {
        (applied(&stage) > before).then_some(())
    });
    holder.signal("CONT");
    holder.end().ended(5).said("DBVC5005");
    rival.end().ok();
    all_were_applied_once(&stage);
    assert_eq!(applied(&stage), MANY);
}

#[test]
fn a_holder_that_lives_keeps_it_for_longer_than_a_lease() {
    let Some(stage) = pooled(SHORT_LEASE) else { return };
    // Alone, so that the server shows its text: it keeps the beginning of a message.
    stage.run("migrate").ok();
    stage.write(
        "migrations/V1.2.0__Sleep.sql",
        "create table slow as select pg_sleep(5)::text as nothing;\n",
    );
    let holder = Runner::start(&stage, "migrate");
    wait_for("the statement to run", || {
        (running(&stage, "pg_sleep") > 0).then_some(())
    });
    stage.run("migrate --lock-wait 3500ms").ended(5).said("DBVC4002");
    holder.end().ok();
    assert_eq!(completed(&stage).len(), 3);
}

#[test]
fn an_index_is_built_concurrently_while_others_wait() {
    let Some(stage) = pooled(SHORT_LEASE) else { return };
    stage.run("migrate").ok();
    stage.write(
        "migrations/V1.2.0__Index_names.sql",
        "create index concurrently plants_by_name on plants(name);\n",
    );
    let mut runners = Vec::new();
    stage
        .database
        .holding("insert into plants values (7, 'moss')", || {
            for _ in 0..4 {
                runners.push(Runner::start(&stage, "migrate --lock-wait 60s"));
            }
            wait_for("the index to be begun", || {
                (running(&stage, "create index concurrently") > 0).then_some(())
            });
            std::thread::sleep(PAST_THE_LEASE);
            assert_eq!(running(&stage, "create index concurrently"), 1);
        });
    for runner in runners {
        runner.end().ok();
    }
    assert_eq!(completed(&stage).len(), 3);
}

/// The fence of a holder is pinned by what it left open; the lease has ended all the same.
#[test]
fn an_orphan_behind_it_is_waited_for() {
    let Some(stage) = pooled(SHORT_LEASE) else { return };
    // Alone, so that the server shows its text: it keeps the beginning of a message.
    stage.run("migrate").ok();
    stage.write(
        "migrations/V1.2.0__Sleep.sql",
        "create table slow as select pg_sleep(5)::text as nothing;\n",
    );
    let holder = Runner::start(&stage, "migrate");
    wait_for("the statement to run", || {
        (running(&stage, "pg_sleep") > 0).then_some(())
    });
    holder.kill();
    stage.run("migrate --lock-wait 20s").ok();
    assert!(stage.has("slow"));
    assert_eq!(completed(&stage).len(), 3);
}

/// There the limit for locks goes in front of the statement, in its message.
#[test]
fn an_orphan_outside_a_transaction_is_waited_for_too() {
    let Some(stage) = pooled(SHORT_LEASE) else { return };
    stage.run("migrate").ok();
    stage.write(
        "migrations/V1.2.0__Sleep.sql",
        "-- dbvc: no-transaction\ncreate table slow as select pg_sleep(5)::text as nothing;\n",
    );
    let holder = Runner::start(&stage, "migrate");
    wait_for("the statement to run", || {
        (running(&stage, "pg_sleep") > 0).then_some(())
    });
    holder.kill();
    stage.run("migrate --lock-wait 20s").ok().said("DBVC5013");
    assert!(stage.has("slow"));
    assert_eq!(completed(&stage).len(), 3);
}
