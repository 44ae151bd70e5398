//! Statements that still run on the server after their client was killed.

use std::time::Duration;

use dbvc_tests::stage::Stage;
use dbvc_tests::wait_for;

use super::{Runner, completed, running};

/// A project with a table of one row, and a function that counts how often it was begun: sequences forget nothing.
fn counted() -> Option<Stage> {
    let stage = Stage::empty_on_postgres()?.planted();
    stage.run("migrate").ok();
    stage.database.run(
        "create sequence begun;
         create function slowly(seconds float) returns integer language plpgsql volatile as
         $$ declare count integer := nextval('begun'); begin perform pg_sleep(seconds); return count; end $$;",
    );
    Some(stage)
}

fn times_begun(stage: &Stage) -> String {
    stage
        .database
        .texts("select case when is_called then last_value else 0 end::text from begun")
        .remove(0)
}

fn valid(stage: &Stage, index: &str) -> Vec<String> {
    stage.database.texts(&format!(
        "select indisvalid::text from pg_index where indexrelid = '{index}'::regclass"
    ))
}

/// Kills a run while the server is at a text that begins like this; `%` stands for anything. What is written down before
/// a statement is sent has its text too, but not at its beginning.
fn killed_in(stage: &Stage, beginning: &str) {
    let at_work = format!(
        "select pid::text from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
         and state = 'active' and query ilike '{beginning}%'"
    );
    let runner = Runner::start(stage, "migrate");
    wait_for("the statement to run", || {
        (!stage.database.texts(&at_work).is_empty()).then_some(())
    });
    runner.kill();
    assert_eq!(
        stage.database.texts(&at_work).len(),
        1,
        "the server goes on with it"
    );
}

#[test]
fn an_index_that_is_still_built_is_waited_for_and_not_built_twice() {
    let Some(stage) = counted() else { return };
    stage.write(
        "migrations/V1.2.0__Index_names.sql",
        "create index concurrently plants_by_name on plants(name);\n",
    );
    let mut next = None;
    stage
        .database
        .holding("insert into plants values (7, 'moss')", || {
            killed_in(&stage, "create index concurrently");
            next = Some(Runner::start(&stage, "migrate"));
            std::thread::sleep(Duration::from_secs(2));
            assert_eq!(
                running(&stage, "create index concurrently"),
                1,
                "no second one was begun"
            );
        });
    next.unwrap()
        .end()
        .ok()
        .said("DBVC5013")
        .said("still runs")
        .said("DBVC5014");
    assert_eq!(valid(&stage, "plants_by_name"), ["true"]);
    assert_eq!(completed(&stage).len(), 3);
}

#[test]
fn an_alter_in_a_transaction_that_still_runs_is_waited_for_and_not_run_twice() {
    let Some(stage) = counted() else { return };
    stage.write(
        "migrations/V1.2.0__Add_heights.sql",
        "alter table plants add column height integer default slowly(6);\n",
    );
    killed_in(&stage, "%add column height");
    stage.run("migrate").ok().said("DBVC4015").said("earlier run");
    assert_eq!(times_begun(&stage), "1");
    assert_eq!(completed(&stage).last().unwrap(), "V1.2.0__Add_heights.sql");
    assert_eq!(completed(&stage).len(), 3);
}

/// The catalogue shows whether the column is there.
#[test]
fn an_alter_outside_a_transaction_that_still_runs_is_waited_for_and_not_run_twice() {
    let Some(stage) = counted() else { return };
    stage.write(
        "migrations/V1.2.0__Add_heights.sql",
        "-- dbvc: no-transaction\nalter table plants add column height integer default slowly(6);\ncreate table beds(id integer);\n",
    );
    killed_in(&stage, "alter table plants add column height");
    let ran = stage.run("migrate").said("DBVC5013").said("still runs");
    assert_eq!(times_begun(&stage), "1");
    // What the server cannot tell afterwards is asked, and never guessed.
    ran.ended(7).said("DBVC5011").said("--in-flight done");
    stage.run("migrate --in-flight done").ok();
    assert_eq!(times_begun(&stage), "1");
    assert!(stage.has("beds"));
}

/// Whoever will not wait is told which session to end.
#[test]
fn an_orphan_in_a_transaction_is_named_to_who_does_not_wait() {
    let Some(stage) = counted() else { return };
    stage.write(
        "migrations/V1.2.0__Add_heights.sql",
        "alter table plants add column height integer default slowly(60);\n",
    );
    killed_in(&stage, "%add column height");
    let pid = stage.database.texts(
        "select pid::text from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid() and query ilike '%add column height%'",
    );
    let way_out = format!("pg_terminate_backend({})", pid[0]);
    let ran = stage.run("migrate --lock-wait 500ms");
    assert_ne!(ran.code, 0);
    ran.said(&way_out);
    // Neither can the lock of the one that is gone be cleared meanwhile.
    for line in ["verify --fix --yes", "lock break --yes"] {
        stage.run(line).ended(5).said("DBVC4015").said(&way_out);
    }
    stage
        .database
        .run(&format!("select pg_terminate_backend({})", pid[0]));
    stage.write(
        "migrations/V1.2.0__Add_heights.sql",
        "alter table plants add column height integer;\n",
    );
    stage.run("migrate").ok();
}

#[test]
fn an_index_left_invalid_by_a_killed_server_process_is_built_again() {
    let Some(stage) = counted() else { return };
    stage.write(
        "migrations/V1.2.0__Index_names.sql",
        "create index concurrently plants_by_name on plants(name);\n",
    );
    stage.database.holding("insert into plants values (7, 'moss')", || {
        killed_in(&stage, "create index concurrently");
        stage.database.run("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'create index concurrently%'");
        wait_for("its end", || (running(&stage, "create index concurrently") == 0).then_some(()));
    });
    assert_eq!(valid(&stage, "plants_by_name"), ["false"]);
    stage.run("migrate").ok().said("DBVC5012");
    assert_eq!(valid(&stage, "plants_by_name"), ["true"]);
}

#[test]
fn copies_left_by_a_broken_reindex_are_dropped_before_it_is_run_again() {
    let Some(stage) = counted() else { return };
    stage.write(
        "migrations/V1.2.0__Rebuild_index.sql",
        "reindex index concurrently pots_by_plant;\n",
    );
    stage.database.run("insert into pots values (1, 1)");
    stage.database.holding("insert into pots values (2, 1)", || {
        killed_in(&stage, "reindex index concurrently");
        stage.database.run("select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and query ilike 'reindex index concurrently%'");
        wait_for("its end", || (running(&stage, "reindex index concurrently") == 0).then_some(()));
    });
    let copies = "select relname from pg_class where relname like '%\\_ccnew%' or relname like '%\\_ccold%'";
    assert_eq!(stage.database.texts(copies).len(), 1);
    stage.run("migrate").ok().said("DBVC5012");
    assert_eq!(stage.database.texts(copies), [""; 0]);
    assert_eq!(valid(&stage, "pots_by_plant"), ["true"]);
}
