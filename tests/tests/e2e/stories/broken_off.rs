//! Runs that end in the middle.

use dbvc_tests::{signal, wait_for};

use dbvc_tests::on_every_database;
use dbvc_tests::stage::{POTS, Stage};

/// A statement that takes long enough to be caught at, and leaves a table.
fn slow(stage: &Stage, seconds: u32) -> String {
    if stage.is_postgres() {
        format!("create table slow as select {seconds} as i, pg_sleep({seconds})::text as nothing;\n")
    } else if stage.is_mysql() {
        format!("create table slow as select {seconds} as i, sleep({seconds}) as nothing;\n")
    } else if stage.is_mssql() {
        let (minutes, seconds) = (seconds / 60, seconds % 60);
        format!("waitfor delay '00:{minutes:02}:{seconds:02}' select 1 as i into slow;\n")
    } else {
        let rows = u64::from(seconds) * 3_000_000;
        format!(
            "create table slow as with recursive n(i) as (select 1 union all select i + 1 from n where i < {rows}) select max(i) as i from n;\n"
        )
    }
}

/// The same outside a transaction. On SQL Server a batch of two statements is nothing that the catalogue could be asked
/// about, so that whoever makes the table is kept waiting. The server stops it when its client is gone.
fn slow_step(stage: &Stage, seconds: u32) -> String {
    if !stage.is_mssql() {
        return slow(stage, seconds);
    }
    stage.slow_down("slow", seconds * 1000);
    "create table slow(i integer);\n".to_owned()
}

/// The same, and a transaction can undo it. One `SLEEP` would end well when it is interrupted; the second one notices.
fn slow_and_undone(stage: &Stage, seconds: u32) -> String {
    if stage.is_mysql() {
        format!(
            "insert into plants(id, name) select 7, max(sleep({seconds})) from (select 1 union all select 2) as twice;\n"
        )
    } else {
        slow(stage, seconds)
    }
}

/// A setting, and a statement that goes well only where it holds.
fn setting(stage: &Stage) -> (&'static str, &'static str) {
    if stage.is_postgres() {
        let set =
            "create schema depot; create table depot.shelves(id integer);\nset search_path = depot, public;";
        (set, "insert into shelves values (1);")
    } else if stage.is_mysql() {
        let set = "create table pots(bed integer, foreign key (bed) references beds(id));\nset foreign_key_checks = 0;";
        (set, "insert into pots values (99);")
    } else if stage.is_mssql() {
        let set = "create table pots(name varchar(1) not null);\nset ansi_warnings off;";
        (set, "insert into pots values ('too long');")
    } else {
        let set = "create table pots(bed integer references beds(id));\npragma foreign_keys = off;";
        (set, "insert into pots values (99);")
    }
}

/// Waits until a run holds the lock and is at work.
fn at_work(stage: &Stage) {
    wait_for("a run at work", || {
        let working = if stage.is_postgres() {
            !stage.database.texts(
                "select query from pg_stat_activity where datname = current_database() and pid <> pg_backend_pid()
                 and wait_event = 'PgSleep'",
            ).is_empty()
        } else if stage.is_mysql() {
            !stage.database.texts(
                "select info from information_schema.processlist where db = database() and id <> connection_id()
                 and info like '%sleep(%'",
            ).is_empty()
        } else if stage.is_mssql() {
            let waits =
                "select 'x' from sys.dm_exec_requests where database_id = db_id() and wait_type = 'WAITFOR'";
            !stage.database.texts(waits).is_empty()
        } else {
            stage.run("lock status").all().contains("migrate")
        };
        working.then_some(())
    });
}

on_every_database! {
    fn interrupted_in_a_transaction(stage) {
        let stage = stage.planted();
        stage.run("migrate --target 1.0.0").ok();
        let before = stage.database.dump(false);
        stage.write(POTS, &format!("insert into plants(id, name) values (2, 'moss');\n{}", slow_and_undone(&stage, 60)));
        let call = stage.call("migrate");
        let child = call.start();
        at_work(&stage);
        signal(&child, "INT");
        call.finish(child).ended(130).said("stopped");
        assert_eq!(stage.database.dump(false), before, "nothing of it remains");
        stage.write(POTS, "create table pots(id integer);\n");
        stage.run("migrate --lock-wait 0s").ok();
        assert!(stage.has("pots"), "the lock was given back");
    }

    fn terminated_in_a_transaction(stage) {
        let stage = stage.planted();
        stage.write(POTS, &slow_and_undone(&stage, 60));
        let call = stage.call("migrate");
        let child = call.start();
        at_work(&stage);
        signal(&child, "TERM");
        call.finish(child).ended(130);
        assert!(!stage.has("slow"));
        assert_eq!(stage.database.texts("select name from plants"), ["aloe"]);
    }

    /// A server goes on with the message that it has; a file's transaction ends with its process. On MySQL there is no
    /// transaction around a table: the next run waits for the statement and goes on behind it.
    fn killed_in_a_transaction(stage) {
        let stage = stage.planted();
        stage.run("migrate --target 1.0.0").ok();
        stage.write(POTS, &format!("create table pots(id integer);\n{}", slow(&stage, 2)));
        let call = stage.call("migrate");
        let child = call.start();
        at_work(&stage);
        signal(&child, "KILL");
        call.finish(child).ended(-1);
        stage.run("migrate").ok();
        assert!(stage.has("pots") && stage.has("slow"));
        let done = "select status from @migration_execution_history where version = '1.1.0' and status = 'completed'";
        assert_eq!(stage.record(done), ["completed"], "once");
    }

    fn killed_outside_a_transaction(stage) {
        let stage = stage.planted();
        stage.run("migrate --target 1.0.0").ok();
        let first = "-- dbvc: no-transaction\ncreate table pots(id integer);\n";
        let last = "create table beds(id integer);\n";
        stage.write(POTS, &format!("{first}{}{last}", slow_step(&stage, 4)));
        let call = stage.call("migrate");
        let child = call.start();
        at_work(&stage);
        let done = "select cast(statements_done as text) from @migration_applied_status where version = '1.1.0'";
        wait_for("the first statement, written down", || (stage.record(done) == ["1"]).then_some(()));
        signal(&child, "KILL");
        call.finish(child).ended(-1);
        assert!(stage.has("pots"), "what was done stays");
        stage.run("status").ok().said("partial").said("1 statement done");

        let whole = stage.project.read(POTS);
        stage.write(POTS, &whole.replace("pots(id integer)", "pots(id integer, plant integer)"));
        stage.run("migrate").ended(7).said("DBVC5010");
        stage.write(POTS, &whole);
        stage.run("migrate").ok();
        assert!(stage.has("slow") && stage.has("beds"));
        stage.run("status --check").ok();
    }

    fn failed_outside_a_transaction(stage) {
        let stage = stage.planted();
        stage.run("migrate --target 1.0.0").ok();
        stage.write(POTS, "-- dbvc: no-transaction\ncreate table pots(id integer);\ninsert into flowers values (1);\ncreate table beds(id integer);\n");
        stage.run("migrate").ended(7).said(&format!("{POTS}:{}:", stage.line_below(3))).said("1 of 3 statements");
        assert!(stage.has("pots") && !stage.has("beds"));
        stage.run("status --check").ended(1);
        stage.run("migrate").ended(7);
        stage.write(POTS, "-- dbvc: no-transaction\ncreate table pots(id integer);\ninsert into pots values (1);\ncreate table beds(id integer);\n");
        stage.run("migrate").ok();
        assert!(stage.has("beds"));
        assert_eq!(stage.database.texts("select cast(count(*) as text) from pots"), ["1"]);
    }

    /// A setting ends with its session: the next run goes on in another one.
    fn a_setting_holds_for_the_rest_of_its_script_alone(stage) {
        let stage = stage.planted();
        let (set, orphan) = setting(&stage);
        let script = |middle: &str| format!("-- dbvc: no-transaction\n{set}\n{middle}\n{orphan}\n");
        stage.write(POTS, &script("insert into flowers values (1);"));
        stage.write("migrations/V0.9.0__Beds.sql", "create table beds(id integer primary key);\n");
        stage.run("migrate").ended(7);
        stage.write(POTS, &script("select 1;"));
        let next = "migrations/V1.2.0__More.sql";
        stage.write(next, &format!("-- dbvc: no-transaction\n{orphan}\n"));
        stage.run("migrate").ended(6).said("V1.2.0__More.sql:2");
        assert_eq!(stage.version().as_deref(), Some("1.1.0"));
    }

    fn accepted_as_it_stands(stage) {
        let stage = stage.planted();
        stage.write(POTS, "-- dbvc: no-transaction\ncreate table pots(id integer);\ninsert into flowers values (1);\n");
        stage.run("migrate").ended(7);
        stage.run("verify").ended(1).said("1.1.0");
        stage.run("verify --fix 1.1.0 --yes").ok();
        stage.run("verify").ok();
        stage.run("status --check").ok();
    }
}

#[test]
fn an_index_that_was_left_invalid_is_built_again() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let stage = stage.planted();
    stage.run("migrate").ok();
    stage.database.run("insert into plants values (2, 'aloe')");
    stage.write(
        "migrations/V1.2.0__Index_names.sql",
        "create unique index concurrently plants_by_name on plants(name);\n",
    );
    stage.run("migrate").ended(7).said("V1.2.0__Index_names.sql");
    stage.database.run("delete from plants where id = 2");
    stage.run("migrate").ok();
    assert_eq!(
        stage
            .database
            .texts("select indisvalid::text from pg_index where indexrelid = 'plants_by_name'::regclass"),
        ["true"]
    );
}

/// On a server the killed run's session lives until its statement ends; a file knows at once.
#[test]
fn the_lock_that_a_killed_run_leaves_is_cleared_by_verify_and_the_trail_tells() {
    let stage = Stage::empty_on_sqlite().planted();
    stage.run("migrate --target 1.0.0").ok();
    stage.write(
        POTS,
        &format!("create table pots(id integer);\n{}", slow(&stage, 4)),
    );
    let call = stage.call("migrate");
    let child = call.start();
    at_work(&stage);
    signal(&child, "KILL");
    call.finish(child).ended(-1);
    stage.run("verify --fix").ok().said("cleared the lock");
    let log = stage.json("audit log --action lock-broken");
    let told = log["events"].as_array().expect("events");
    assert_eq!(told.len(), 1, "{log}");
    assert!(told[0]["details"]["holderUser"].is_string(), "{log}");
    stage.run("verify --fix").ok().kept_quiet_about("cleared");
    stage.run("audit verify").ok().said("intact");
}
