//! `CREATE INDEX CONCURRENTLY` waits for every transaction that was open when it began. A run that waits for the lock must
//! not be one of them, or both would wait for ever.

use std::time::Duration;

use dbvc_tests::stage::Stage;
use dbvc_tests::wait_for;

use super::{Runner, running};

const WAITING: usize = 5;

/// Sessions of waiting runs that hold a snapshot or are in a transaction now.
fn in_the_way(stage: &Stage) -> Vec<String> {
    stage.database.texts(
        "select coalesce(query, '') from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
         and application_name like 'dbvc%' and query not ilike '%concurrently%'
         and (backend_xmin is not null or backend_xid is not null or state like 'idle in transaction%')",
    )
}

#[test]
fn runs_that_wait_for_the_lock_hold_no_snapshot() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let stage = stage.planted();
    stage.run("migrate").ok();
    stage.write(
        "migrations/V1.2.0__Index_names.sql",
        "create index concurrently plants_by_name on plants(name);\n",
    );
    let mut runners = Vec::new();
    stage
        .database
        .holding("insert into plants values (7, 'moss')", || {
            for _ in 0..=WAITING {
                runners.push(Runner::start(&stage, "migrate --lock-wait 60s"));
            }
            wait_for("the index to be begun", || {
                (running(&stage, "create index concurrently") > 0).then_some(())
            });
            std::thread::sleep(Duration::from_millis(1500));
            // A try for the lock is a transaction of its own for a moment; what is seen twice in a row stays.
            let seen = (0..10).filter(|_| !in_the_way(&stage).is_empty()).count();
            assert!(seen < 5, "{:?}", in_the_way(&stage));
        });
    for runner in runners {
        runner.end().ok();
    }
    let valid = "select indisvalid::text from pg_index where indexrelid = 'plants_by_name'::regclass";
    assert_eq!(stage.database.texts(valid), ["true"]);
    let done = stage.record("select status from @migration_execution_history where version = '1.2.0'");
    assert_eq!(done, ["completed"]);
}
