//! MariaDB is restarted, or killed, in the middle of a migration.

use std::io::Write as _;

use dbvc_tests::servers::{End, MariaDbServer, TestServer as _};
use dbvc_tests::stage::{Database, POTS, Stage};
use dbvc_tests::wait_for;

/// Sleeps as long as `plants` has a single row: the first time.
const FIRST_TIME: &str = "sleep(case when (select count(*) from plants where id < 7) = 1 then 30 else 0 end)";

/// A server of its own, as other tests want theirs to stay up. None where none can be started, which is then told.
fn server() -> Option<MariaDbServer> {
    MariaDbServer::shared()?;
    match MariaDbServer::start_own_durable() {
        Ok(server) => Some(server),
        Err(reason) => {
            assert!(
                std::env::var_os("DBVC_REQUIRE_SERVER").is_none(),
                "no server of its own: {reason}"
            );
            let told = format!("SKIPPED restart: no mariadb server: {reason}\n");
            std::io::stderr().write_all(told.as_bytes()).unwrap();
            None
        }
    }
}

/// The first migration is done, and the second sleeps when the server ends.
fn in_the_middle(server: &MariaDbServer, how: End, script: &str, told: &str) {
    let url = server.create_database("restart").expect("a database");
    let stage = Stage::in_the_database(Database::MySql(url)).planted();
    stage.write(POTS, script);
    stage.write(
        "migrations/V1.2.0__Add_beds.sql",
        "create table beds(id integer);\n",
    );
    stage.run("migrate --target 1.0.0").ok();
    stage.database.run("create table naps(nap integer)");
    let call = stage.call("migrate");
    let child = call.start();
    wait_for("the migration to sleep", || {
        let asleep =
            "select id from information_schema.processlist where db = database() and state = 'User sleep'";
        (!stage.database.texts(asleep).is_empty()).then_some(())
    });
    server.end(how).expect("it ends");
    server.start_again().expect("it starts again");
    let ran = call.finish(child).ended(4).said("again").said(told);
    assert!(!stage.has("beds"), "{how:?}: nothing is begun after it\n{ran}");
    stage.database.run("insert into plants values (2, 'fern')");
    stage.run("migrate --lock-wait 5s").ok();
    assert!(stage.has("beds"));
    let done = stage.record(
        "select concat(script, ' ', count(*)) from @migration_execution_history where status = 'completed'
         group by script order by 1",
    );
    let once = [
        "V1.0.0__Create_plants.sql 1",
        "V1.1.0__Add_pots.sql 1",
        "V1.2.0__Add_beds.sql 1",
    ];
    assert_eq!(done, once, "{how:?}");
    let naps = stage.database.texts("select nap from naps").len();
    assert!(naps <= 1, "{how:?}: once");
}

fn every_end(script: &str, told: &str) {
    let Some(server) = server() else { return };
    for how in [End::Fast, End::Killed] {
        in_the_middle(&server, how, script, told);
    }
}

#[test]
fn data_in_a_transaction_is_rolled_back_and_changed_by_the_next_run() {
    let script = format!("insert into plants values (7, 'moss');\ninsert into naps select {FIRST_TIME};\n");
    every_end(&script, "nothing changed");
}

#[test]
fn after_a_change_of_the_schema_the_next_run_goes_on_where_it_ended() {
    let script =
        format!("create table pots(id integer);\ncreate table slow as select {FIRST_TIME} as nap;\n");
    every_end(&script, "1 of 2 statements took effect and stay");
}
