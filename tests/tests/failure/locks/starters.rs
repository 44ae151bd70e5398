//! Many that begin at once.

use std::time::{Duration, Instant};

use dbvc_tests::on_every_database;
use dbvc_tests::stage::Stage;

use super::{all_at_once, completed};

const STARTERS: usize = 20;

/// Twenty processes on few cores, each of which may have to wait for each other one.
const LONG_ENOUGH: Duration = Duration::from_secs(10);

fn they_apply_all_once(stage: &Stage) {
    let begun = Instant::now();
    for ran in all_at_once(stage, "migrate --lock-wait 60s", STARTERS) {
        ran.ok();
    }
    let took = begun.elapsed();
    assert_eq!(
        completed(stage),
        [
            "V1.0.0__Create_plants.sql",
            "V1.1.0__Add_pots.sql",
            "R__Plant_names.sql"
        ]
    );
    assert_eq!(stage.database.texts("select name from plants"), ["aloe"]);
    assert!(
        stage.record("select run_id from @migration_locks").is_empty(),
        "nobody holds the lock"
    );
    assert!(took < LONG_ENOUGH, "they took {took:?}");
}

on_every_database! {
    fn twenty_on_a_fresh_database_apply_each_migration_once(stage) {
        they_apply_all_once(&stage.planted().with_names());
    }

    fn twenty_on_an_installed_record_apply_each_migration_once(stage) {
        let stage = stage.planted().with_names();
        stage.run("migrate --target 1.0.0").ok();
        stage.run("rollback --yes --to 0").ok();
        stage.database.run(&format!("delete from {}", stage.own("migration_execution_history")));
        they_apply_all_once(&stage);
    }

    fn twenty_with_nothing_to_do_do_not_take_the_lock(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        let fence = || stage.record("select cast(token as text) from @migration_fences");
        let before = fence();
        for ran in all_at_once(&stage, "migrate --lock-wait 0s", STARTERS) {
            ran.ok();
        }
        assert_eq!(fence(), before);
    }

    fn twenty_that_undo_do_it_once(stage) {
        let stage = stage.planted();
        stage.run("migrate").ok();
        let ran = all_at_once(&stage, "rollback --yes --to 1.0.0 --lock-wait 60s", STARTERS);
        for ran in ran {
            ran.ok();
        }
        assert!(stage.has("plants") && !stage.has("pots"));
        let undone = stage.record("select script from @migration_execution_history where action = 'rollback'");
        assert_eq!(undone.len(), 1, "{undone:?}");
    }
}
