//! Several runs at once.

use dbvc_tests::{Ran, wait_for};

use dbvc_tests::on_every_database;
use dbvc_tests::stage::{POTS, Stage};

fn all_at_once(stage: &Stage, line: &str, count: usize) -> Vec<Ran> {
    let calls: Vec<_> = (0..count)
        .map(|_| {
            let call = stage.call(line);
            let child = call.start();
            (call, child)
        })
        .collect();
    calls
        .into_iter()
        .map(|(call, child)| call.finish(child))
        .collect()
}

on_every_database! {
    fn twelve_that_begin_together_apply_each_migration_once(stage) {
        let stage = stage.planted().with_names();
        for ran in all_at_once(&stage, "migrate --lock-wait 60s", 12) {
            ran.ok();
        }
        let done = stage.record("select script from @migration_execution_history where status = 'completed' order by execution_id");
        assert_eq!(done, ["V1.0.0__Create_plants.sql", "V1.1.0__Add_pots.sql", "R__Plant_names.sql"]);
        assert_eq!(stage.database.texts("select cast(count(*) as text) from plants"), ["1"]);
    }

    fn one_that_will_not_wait_says_who_holds_the_lock(stage) {
        let stage = stage.planted();
        stage.run("migrate --target 1.0.0").ok();
        let slow = if stage.is_postgres() {
            "create table slow as select pg_sleep(4)::text as nothing;\n".to_owned()
        } else if stage.is_mysql() {
            "create table slow as select sleep(4) as nothing;\n".to_owned()
        } else if stage.is_mssql() {
            // The table first: its rows in the catalogue are locked then, and a look at where the database stands comes by.
            "select 1 as i into slow waitfor delay '00:00:04';\n".to_owned()
        } else {
            "create table slow as with recursive n(i) as (select 1 union all select i + 1 from n where i < 12000000) select max(i) as i from n;\n".to_owned()
        };
        stage.write(POTS, &slow);
        let call = stage.call("migrate").env("GITHUB_ACTIONS", "true").env("GITHUB_SERVER_URL", "https://github.example").env("GITHUB_REPOSITORY", "garden/plants").env("GITHUB_RUN_ID", "4711");
        let child = call.start();
        wait_for("the lock", || stage.run("lock status").all().contains("migrate").then_some(()));
        let process = child.id().to_string();
        stage.run("migrate --lock-wait 200ms").ended(5).said("DBVC4002").said(&process).said("garden/plants");
        // On MySQL the history shows to all what is half done: the run that does it is named, and not its half.
        stage.run("rollback --yes --lock-wait 200ms").ended(5).said("DBVC4002").said(&process);
        stage.run("lock break --yes").ended(5).said(&process);
        stage.run("status").ok();
        stage.run("migrate --dry-run").ok();
        call.finish(child).ok();
        stage.run("migrate --lock-wait 0s").ok();
    }
}

#[test]
fn an_index_is_built_concurrently_while_three_others_wait() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let stage = stage.planted();
    stage.run("migrate").ok();
    stage.write(
        "migrations/V1.2.0__Index_names.sql",
        "create index concurrently plants_by_name on plants(name);\n",
    );
    let mut calls = Vec::new();
    // A writer that is not done yet makes the building of the index wait, and with it all others.
    stage.database.holding("insert into plants values (7, 'moss')", || {
        for _ in 0..4 {
            let call = stage.call("migrate --lock-wait 60s");
            let child = call.start();
            calls.push((call, child));
        }
        wait_for("the index to be begun", || {
            let building = stage.database.texts(
                "select query from pg_stat_activity where datname = current_database() and query ilike 'create index concurrently%' and wait_event_type = 'Lock'",
            );
            (!building.is_empty()).then_some(())
        });
        std::thread::sleep(std::time::Duration::from_secs(1));
    });
    for (call, child) in calls {
        call.finish(child).ok();
    }
    let done = stage.record("select status from @migration_execution_history where version = '1.2.0'");
    assert_eq!(done, ["completed"]);
}
