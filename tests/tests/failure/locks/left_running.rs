//! Statements that still run on MySQL or MariaDB after their client was killed: these servers notice that when they
//! answer.

use std::time::Duration;

use dbvc_tests::stage::Stage;
use dbvc_tests::{on_mysql_and_mariadb, wait_for};

use super::{Runner, completed};

const SCRIPT: &str = "migrations/V1.2.0__Rebuild.sql";

/// A project with a table that takes a while to be written anew.
fn with_many_rows(stage: Stage) -> Stage {
    let stage = stage.planted();
    stage.run("migrate").ok();
    stage.database.run(
        "create table digits(d integer primary key);
         insert into digits values (0), (1), (2), (3), (4), (5), (6), (7), (8), (9);
         create table seeds(id integer primary key, name varchar(200) not null, n integer not null);
         insert into seeds select a.d + 10 * b.d + 100 * c.d + 1000 * d.d + 10000 * e.d + 100000 * f.d,
           repeat(concat('seed ', a.d), 20), 0
           from digits a, digits b, digits c, digits d, digits e, digits f where f.d < 3",
    );
    stage
}

/// How many sessions run a statement that begins like this. What is written down before it has its text too, inside.
fn running(stage: &Stage, beginning: &str) -> usize {
    let query = format!(
        "select id from information_schema.processlist where db = database() and command = 'Query'
         and info like '{beginning}%'"
    );
    stage.database.texts(&query).len()
}

/// Kills a run while the server is at this statement, and starts the next one.
fn killed_in(stage: &Stage, beginning: &str, next: &str) -> Runner {
    let runner = Runner::start(stage, "migrate");
    wait_for("the statement to run", || {
        (running(stage, beginning) > 0).then_some(())
    });
    runner.kill();
    let next = Runner::start(stage, next);
    assert_eq!(running(stage, beginning), 1, "the server goes on with it");
    next
}

fn is_rebuilt(stage: &Stage) -> bool {
    let found = "select column_name from information_schema.columns where table_schema = database()
        and table_name = 'seeds' and column_name = 'height'";
    !stage.database.texts(found).is_empty()
}

on_mysql_and_mariadb! {
    fn an_alter_that_still_runs_is_waited_for_and_not_begun_twice(stage) {
        let stage = with_many_rows(stage);
        stage.write(
            SCRIPT,
            "alter table seeds add column height integer default 7, algorithm = copy;\ncreate table beds(id integer);\n",
        );
        let next = killed_in(&stage, "alter table seeds", "migrate");
        loop {
            match running(&stage, "alter table seeds") {
                0 => break,
                count => assert_eq!(count, 1, "no second one was begun"),
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        // Two changes in one statement are more than the catalogue is asked about.
        let ran = next.end().said("DBVC5013").said("still runs");
        ran.ended(7).said("DBVC5011").said("--in-flight done");
        assert!(is_rebuilt(&stage));
        stage.run("migrate --in-flight done").ok();
        assert!(stage.has("beds"));
        assert_eq!(completed(&stage).len(), 3);
    }

    fn an_index_that_is_still_built_is_waited_for_and_found(stage) {
        let stage = with_many_rows(stage);
        stage.write(
            SCRIPT,
            "create index seeds_by_name on seeds(name, n);\ncreate table beds(id integer);\n",
        );
        let next = killed_in(&stage, "create index seeds_by_name", "migrate");
        next.end().ok();
        assert!(stage.has("beds"));
        assert_eq!(completed(&stage).len(), 3);
    }

    /// Data alone is changed in a transaction, whose fence nobody takes while it is open.
    fn an_update_that_still_runs_is_not_run_twice(stage) {
        let stage = with_many_rows(stage);
        stage.write(SCRIPT, "update seeds set n = n + 1, name = concat(name, ' again');\n");
        let next = killed_in(&stage, "update seeds set n", "migrate --lock-wait 60s");
        next.end().ok();
        let counts = stage.database.texts("select concat_ws(' ', n, count(*)) from seeds group by n");
        assert_eq!(counts, ["1 300000"]);
        assert_eq!(completed(&stage).len(), 3);
    }
}
