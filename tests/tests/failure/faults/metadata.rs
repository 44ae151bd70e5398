//! A change of the schema that would queue behind a long reader on MySQL or MariaDB: every query that comes later would
//! queue behind it.

use std::time::{Duration, Instant};

use dbvc_tests::stage::{POTS, Stage};
use dbvc_tests::{on_mysql_and_mariadb, wait_for};

/// A reader whose transaction stays open.
const READER: &str = "select count(*) from plants";

/// How long another reader may have to wait: the limit, and what a busy machine adds.
const LONGEST: Duration = Duration::from_millis(3500);

fn with_one_to_go(stage: Stage, settings: &str) -> Stage {
    let stage = stage.planted().settings(settings);
    stage.run("migrate --target 1.0.0").ok();
    stage.write(
        POTS,
        "create table pots(id integer);\nalter table plants add column height integer default 7;\n",
    );
    stage
}

fn waits(stage: &Stage) -> bool {
    let waiting = "select id from information_schema.processlist where db = database()
        and state like 'Waiting for table metadata lock%' and info like 'alter table plants%'";
    !stage.database.texts(waiting).is_empty()
}

fn heights(stage: &Stage) -> Vec<String> {
    stage.database.texts("select height from plants")
}

on_mysql_and_mariadb! {
    fn it_gives_up_and_tries_again_until_the_reader_is_gone(stage) {
        let stage = with_one_to_go(stage, "lock_timeout = \"1s\"");
        let call = stage.call("migrate");
        let mut child = None;
        stage.database.holding(READER, || {
            child = Some(call.start());
            wait_for("the migration to wait", || waits(&stage).then_some(()));
            for _ in 0..20 {
                let begun = Instant::now();
                stage.database.texts("select count(*) from plants");
                let took = begun.elapsed();
                assert!(took < LONGEST, "a reader waited {took:?}");
                std::thread::sleep(Duration::from_millis(100));
            }
        });
        let ran = call.finish(child.expect("it was started")).ok();
        ran.said("retrying");
        assert_eq!(heights(&stage), ["7"], "applied once");
    }

    fn how_often_it_was_tried_is_in_the_report(stage) {
        let stage = with_one_to_go(stage, "lock_timeout = \"1s\"");
        let call = stage.call("migrate --json");
        let mut child = None;
        stage.database.holding(READER, || {
            child = Some(call.start());
            wait_for("the migration to wait", || waits(&stage).then_some(()));
            std::thread::sleep(Duration::from_millis(2500));
        });
        let report = dbvc_tests::stage::parsed(&call.finish(child.expect("it was started")).ok());
        let retries = report["steps"][0]["retries"].as_u64();
        assert!(retries.is_some_and(|times| times >= 1), "{report:#}");
    }

    fn when_the_patience_ends_it_says_what_was_waited_for_and_the_next_run_goes_on(stage) {
        let stage = with_one_to_go(stage, "lock_timeout = \"1s\"\nlock_patience = \"1s\"");
        stage.database.holding(READER, || {
            let ran = stage.run("migrate").ended(7);
            ran.said("V1.1.0__Add_pots.sql:2:").said("1205").said("1 of 2 statements took effect and stay");
        });
        assert!(stage.has("pots"));
        stage.run("migrate").ok();
        assert_eq!(heights(&stage), ["7"]);
    }
}
