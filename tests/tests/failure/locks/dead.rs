//! Holders that die.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use dbvc_tests::on_every_database;
use dbvc_tests::stage::{Database, Stage};

use super::{MANY, Runner, all_were_applied_once, completed, paused_in_the_middle, write_many};

/// What is promised where the server can tell that the holder is gone.
const AT_ONCE: f64 = 2.0;

fn now() -> f64 {
    SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap()
        .as_secs_f64()
}

/// When the last run began its first migration, in seconds since 1970.
fn first_begun(stage: &Stage) -> f64 {
    let seconds = match stage.database {
        Database::Postgres(_) => "extract(epoch from min(started_at))::text",
        Database::Sqlite(_) => "cast((julianday(min(started_at)) - 2440587.5) * 86400.0 as text)",
        Database::MsSql(_) => {
            "cast(datediff_big(microsecond, '1970-01-01', min(started_at)) / 1000000.0 as varchar(40))"
        }
        Database::MySql(_) => "timestampdiff(microsecond, '1970-01-01', min(started_at)) / 1000000",
    };
    let query = format!(
        "select {seconds} from @migration_execution_history where run_id = \
         (select run_id from @migration_execution_history order by execution_id desc limit 1)"
    );
    stage.record(&query)[0].parse().unwrap()
}

on_every_database! {
    /// From the death to the first statement of a run that has waited for some time, and so looks seldom.
    fn a_waiting_run_takes_its_lock_at_once(stage) {
        let stage = stage.planted();
        write_many(&stage);
        let holder = paused_in_the_middle(&stage);
        let waiting = Runner::start(&stage, "migrate --lock-wait 30s");
        std::thread::sleep(Duration::from_secs(4));
        let killed = now();
        holder.kill();
        waiting.end().ok().said("gone");
        let took = first_begun(&stage) - killed;
        assert!((0.0..AT_ONCE).contains(&took), "it took {took} s");
        all_were_applied_once(&stage);
    }

    fn a_new_run_takes_its_lock_at_once(stage) {
        let stage = stage.planted();
        write_many(&stage);
        let holder = paused_in_the_middle(&stage);
        let killed = now();
        holder.kill();
        stage.run("migrate --lock-wait 1s").ok();
        let took = first_begun(&stage) - killed;
        assert!((0.0..AT_ONCE).contains(&took), "it took {took} s");
        all_were_applied_once(&stage);
    }

    fn six_that_wait_for_it_go_on_one_after_another(stage) {
        let stage = stage.planted();
        write_many(&stage);
        let holder = paused_in_the_middle(&stage);
        let waiting: Vec<_> = (0..6).map(|_| Runner::start(&stage, "migrate --lock-wait 30s")).collect();
        std::thread::sleep(Duration::from_secs(1));
        holder.kill();
        for runner in waiting {
            runner.end().ok();
        }
        all_were_applied_once(&stage);
        assert_eq!(completed(&stage).len(), MANY + 2);
    }
}
