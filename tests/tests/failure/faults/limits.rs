//! Time limits, deadlocks and failed serializations: what is tried again, and what never is.

use std::time::{Duration, Instant};

use dbvc_tests::stage::{POTS, Stage};
use dbvc_tests::{on_every_database, wait_for};

fn soon<T>(what: impl FnOnce() -> T) -> T {
    let begun = Instant::now();
    let answer = what();
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(10), "it took {took:?}");
    answer
}

on_every_database! {
    fn a_statement_that_runs_too_long_is_rolled_back(stage) {
        let stage = stage.planted();
        stage.write(POTS, &format!("create table pots(id integer);\n{}", stage.long_work()));
        let ran = soon(|| stage.run("migrate --statement-timeout 300ms"));
        let (code, left) = if stage.is_mysql() {
            (7, "1 of 2 statements took effect and stay")
        } else {
            (6, "nothing changed")
        };
        ran.ended(code)
            .said(&format!("V1.1.0__Add_pots.sql:{}:", stage.line(2)))
            .said(left)
            .said("--statement-timeout")
            .kept_quiet_about("retrying");
        assert_eq!(stage.has("pots"), stage.is_mysql());
        let kept = stage.record("select status from @migration_execution_history where version = '1.1.0'");
        assert_eq!(kept, ["failed"], "once, and not tried again");
    }

    fn the_limit_in_a_script_is_stronger(stage) {
        let stage = stage.planted();
        stage.write(POTS, &format!("-- dbvc: no-transaction statement-timeout=300ms\ncreate table pots(id integer);\n{}", stage.long_step()));
        let ran = soon(|| stage.run("migrate --statement-timeout 1h"));
        ran.ended(7)
            .said(&format!("V1.1.0__Add_pots.sql:{}:", stage.line_below(3)))
            .said("1 of 2 statements took effect and stay")
            .kept_quiet_about("retrying");
        assert!(stage.has("pots") && !stage.has("slow"));
        stage.speed_up();
        stage.write(POTS, "-- dbvc: no-transaction statement-timeout=300ms\ncreate table pots(id integer);\ncreate table slow(i integer);\n");
        stage.run("migrate").ok();
        stage.run("status --check").ok();
    }
}

#[test]
fn the_lock_limit_in_a_script_is_stronger() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let stage = stage
        .planted()
        .settings("lock_timeout = \"1h\"\nlock_patience = \"0s\"");
    stage.run("migrate --target 1.0.0").ok();
    let change = "alter table plants add column height integer;\n";
    for (directive, code) in [("", 6), ("no-transaction ", 6)] {
        stage.write(POTS, &format!("-- dbvc: {directive}lock-timeout=800ms\n{change}"));
        stage.database.holding("select count(*) from plants", || {
            let ran = soon(|| stage.run("migrate"));
            ran.ended(code)
                .said("55P03")
                .said("--lock-timeout")
                .said("is in the way");
        });
    }
    stage.run("migrate").ok();
}

/// Two that lock two tables in the other order. The rival lets the migration be the one that gives way.
fn rival() -> &'static str {
    "begin; set local deadlock_timeout = '1min'; lock table rivals in access exclusive mode;
     lock table plants in access exclusive mode; insert into rivals values (1); commit"
}

fn meets_its_rival(script: &str) {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let stage = stage.planted();
    stage.run("migrate --target 1.0.0").ok();
    stage.database.run("create table rivals(id integer)");
    stage.write(POTS, script);
    let call = stage.call("migrate --json");
    let child = call.start();
    wait_for("the migration to sleep", || {
        let asleep = "select pid::text from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'";
        (!stage.database.texts(asleep).is_empty()).then_some(())
    });
    stage.database.run(rival());
    let ran = call.finish(child).ok().said("retrying").said("40P01");
    let report = dbvc_tests::stage::parsed(&ran);
    assert_eq!(report["steps"][0]["retries"], 1, "{report:#}");
    let both = "select (select count(*) from rivals)::text || ' ' || (select sum(height) from plants)::text";
    assert_eq!(stage.database.texts(both), ["1 7"], "both are done, once each");
}

const MEETING: &str = "lock table plants in access exclusive mode; set local deadlock_timeout = '50ms'; \
                       perform pg_sleep(1); lock table rivals in access exclusive mode; \
                       alter table plants add column height integer default 7;";

#[test]
fn a_migration_that_gave_way_in_a_deadlock_is_tried_again_as_a_whole() {
    meets_its_rival(&format!(
        "create table pots(id integer);\ndo $$ begin {MEETING} end $$;\n"
    ));
}

/// A function commits nothing on its way, so that its failure undoes all of it.
#[test]
fn a_single_statement_outside_a_transaction_is_tried_again_where_its_failure_undid_it() {
    meets_its_rival(&format!(
        "-- dbvc: no-transaction\ncreate function meet() returns void language plpgsql as $$ begin {MEETING} end $$;\n\
         select meet();\n"
    ));
}

/// Fails at its first two tries as a serializable transaction does.
const FAILING: &str = "create sequence tries;
create function fail_twice() returns void language plpgsql as $$ begin
  if nextval('tries') < 3 then raise exception 'not serializable' using errcode = '40001'; end if; end $$;";

#[test]
fn a_failed_serialization_is_tried_again() {
    for directive in ["", "-- dbvc: no-transaction\n"] {
        let Some(stage) = Stage::empty_on_postgres() else {
            return;
        };
        stage.database.run(FAILING);
        let stage = stage.planted();
        stage.write(
            POTS,
            &format!("{directive}create table pots(id integer);\nselect fail_twice();\n"),
        );
        let ran = stage.run("migrate").ok().said("40001");
        assert_eq!(ran.all().matches("retrying").count(), 2, "{ran}");
        assert!(stage.has("pots"));
    }
}

#[test]
fn one_that_never_ends_is_given_up() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let stage = stage.planted();
    stage.write(
        POTS,
        "create table pots(id integer);\ndo $$ begin raise exception 'not serializable' using errcode = '40001'; end $$;\n",
    );
    let ran = stage
        .run("migrate")
        .ended(6)
        .said("nothing changed")
        .said("it was tried 5 times more");
    assert_eq!(ran.all().matches("retrying").count(), 5, "{ran}");
}

/// A procedure and a block may commit on their way, so that nobody knows what their failure undid.
#[test]
fn what_may_have_committed_on_its_way_is_never_tried_again() {
    for last in [
        "create procedure sow() language plpgsql as $$ begin insert into seeds values (1); commit; perform fail_twice(); end $$;\ncall sow();\n",
        "do $$ begin insert into seeds values (1); commit; perform fail_twice(); end $$;\n",
    ] {
        let Some(stage) = Stage::empty_on_postgres() else {
            return;
        };
        stage.database.run(FAILING);
        stage.database.run("create table seeds(id integer)");
        let stage = stage.planted();
        stage.write(
            POTS,
            &format!("-- dbvc: no-transaction\ncreate table pots(id integer);\n{last}"),
        );
        stage
            .run("migrate")
            .ended(7)
            .said("40001")
            .said("may have committed part of its work")
            .kept_quiet_about("retrying");
        assert_eq!(stage.database.texts("select count(*)::text from seeds"), ["1"]);
    }
}

#[test]
fn what_may_have_committed_on_its_way_is_not_run_again_unasked() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    stage.database.run(
        "create table seeds(id integer);
         create procedure sow() language plpgsql as $$ begin insert into seeds values (1); commit; perform 1/0; end $$;",
    );
    let stage = stage.planted();
    stage.write(POTS, "-- dbvc: no-transaction\ncall sow();\n");
    stage
        .run("migrate")
        .ended(7)
        .said("may have committed part of its work")
        .kept_quiet_about("nothing changed");
    stage.run("migrate").ended(7).said("DBVC5011").said("--in-flight");
    assert_eq!(
        stage.database.texts("select count(*)::text from seeds"),
        ["1"],
        "once"
    );
    stage.run("migrate --in-flight done").ok();
}

/// Rows that were refused are no part of what is done.
#[test]
fn a_copy_outside_a_transaction_that_fails_can_be_mended_and_gone_on_with() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let stage = stage.planted();
    let script = |last: &str| {
        format!(
            "-- dbvc: no-transaction\ncreate table pots(id integer);\ncopy pots from stdin;\n1\n{last}\n\\.\n"
        )
    };
    stage.write(POTS, &script("two"));
    stage.run("migrate").ended(7).said("two");
    stage.write(POTS, &script("2"));
    stage.run("migrate").ok();
    assert_eq!(stage.database.texts("select sum(id)::text from pots"), ["3"]);
}
