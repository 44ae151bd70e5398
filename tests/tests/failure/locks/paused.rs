//! Holders whose process is paused for longer than their lease, as that of a machine that sleeps.

use dbvc_tests::on_every_server;
use dbvc_tests::stage::Stage;

use super::{
    MANY, PAST_THE_LEASE, Runner, SHORT_LEASE, all_were_applied_once, applied, paused, paused_in_the_middle,
    write_many,
};

fn nobody_robs_it(stage: &Stage) {
    std::thread::sleep(PAST_THE_LEASE);
    stage.run("lock status").ok().said("alive");
    let before = applied(stage);
    stage.run("migrate --lock-wait 500ms").ended(5).said("DBVC4002");
    stage.run("lock break --yes").ended(5).said("DBVC4012");
    assert_eq!(applied(stage), before);
}

on_every_server! {
    /// Its session proves that it lives. It stops all the same: nobody knows what happened while it was away.
    fn one_whose_session_lives_is_not_robbed_and_writes_nothing_after_its_lease(stage) {
        let stage = stage.planted().settings(SHORT_LEASE);
        write_many(&stage);
        let holder = paused_in_the_middle(&stage);
        nobody_robs_it(&stage);
        let (schema, rows) = (stage.database.schema(false), applied(&stage));
        holder.signal("CONT");
        holder
            .end()
            .ended(5)
            .said("DBVC5005")
            .said("longer than its lease");
        assert_eq!(stage.database.schema(false), schema);
        // That a script came to its end before the pause may still be noted: the fence is checked, and nobody has it.
        let noted = applied(&stage) - rows;
        assert!(noted <= usize::from(stage.is_mysql()), "{noted} more");
        stage.run("migrate --lock-wait 0s").ok();
        all_were_applied_once(&stage);
    }

    /// Outside a transaction there is no fence to hold a statement back; the lease's end does.
    fn one_that_works_outside_transactions_writes_nothing_after_its_lease(stage) {
        let stage = stage.settings(SHORT_LEASE);
        let nap = |number: usize| match stage.system() {
            "mssql" => format!("create table many_{number}(a integer);\n"),
            "postgres" => format!("create table many_{number} as select pg_sleep(0.02)::text;\n"),
            _ => format!("create table many_{number} as select sleep(0.02) as a;\n"),
        };
        if stage.is_mssql() {
            stage.slow_down("", 20);
        }
        let statements = (0..MANY).map(nap);
        let script: String = std::iter::once("-- dbvc: no-transaction\n".to_owned())
            .chain(statements)
            .collect();
        stage.write("migrations/V1.0.0__Create_many.sql", &script);
        let holder = paused(&stage, Runner::start(&stage, "migrate"));
        std::thread::sleep(PAST_THE_LEASE);
        let schema = stage.database.schema(false);
        holder.signal("CONT");
        holder.end().ended(5).said("DBVC5005");
        assert_eq!(stage.database.schema(false), schema);
        stage.run("migrate --lock-wait 0s").ok();
        assert!(stage.has(&format!("many_{}", MANY - 1)));
        stage.run("status --check").ok();
    }

    fn one_whose_lock_was_broken_by_force_writes_nothing_and_says_why(stage) {
        let stage = stage.planted().settings(SHORT_LEASE);
        write_many(&stage);
        let holder = paused_in_the_middle(&stage);
        stage.run("lock break --yes --force").ok();
        let (schema, rows) = (stage.database.schema(false), applied(&stage));
        holder.signal("CONT");
        holder.end().ended(5).said("DBVC5005").said("lost the lock");
        assert_eq!((stage.database.schema(false), applied(&stage)), (schema, rows));
        stage.run("lock status").ok().said("free");
        stage.run("migrate --lock-wait 0s").ok();
        all_were_applied_once(&stage);
    }

    /// The run that comes after cannot prove that it lives while the paused one has the proof; it renews its lease.
    fn one_whose_lock_was_broken_by_force_does_not_disturb_the_next_run(stage) {
        let stage = stage.planted().settings(SHORT_LEASE);
        write_many(&stage);
        let holder = paused_in_the_middle(&stage);
        stage.run("lock break --yes --force").ok();
        let next = Runner::start(&stage, "migrate --lock-wait 0s");
        holder.signal("CONT");
        holder.end().ended(5).said("DBVC5005");
        next.end().ok();
        all_were_applied_once(&stage);
    }
}

/// There is no lease: as long as the process is there, the system keeps its hold on the file.
#[test]
fn one_that_holds_a_file_is_not_robbed_and_goes_on() {
    let stage = Stage::empty_on_sqlite().planted().settings(SHORT_LEASE);
    write_many(&stage);
    let holder = paused_in_the_middle(&stage);
    nobody_robs_it(&stage);
    holder.signal("CONT");
    holder.end().ok();
    all_were_applied_once(&stage);
}

#[test]
fn a_file_is_not_taken_by_force_from_a_process_that_lives() {
    let stage = Stage::empty_on_sqlite().planted();
    write_many(&stage);
    let holder = paused_in_the_middle(&stage);
    let process = holder.child.id().to_string();
    stage
        .run("lock break --yes --force")
        .ended(5)
        .said("DBVC4012")
        .said(&process);
    holder.signal("CONT");
    holder.end().ok();
    all_were_applied_once(&stage);
}
