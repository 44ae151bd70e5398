//! The server is restarted, or crashes, in the middle of a migration.

use std::io::Write as _;

use dbvc_tests::servers::{End, PostgresServer, TestServer as _};
use dbvc_tests::stage::{Database, POTS, Stage};
use dbvc_tests::{ProjectFolder, wait_for};

/// Sleeps as long as `plants` has a single row: the first time.
const FIRST_TIME: &str = "case when (select count(*) from plants) = 1 then 30 else 0 end";

/// A cluster of its own, as other tests want theirs to stay up, that keeps in a crash what was committed. None where no
/// server can be started, which is then told.
fn server() -> Option<PostgresServer> {
    PostgresServer::shared()?;
    match PostgresServer::start_own_durable() {
        Ok(server) => Some(server),
        Err(reason) => {
            assert!(
                std::env::var_os("DBVC_REQUIRE_SERVER").is_none(),
                "no cluster of its own: {reason}"
            );
            let told = format!("SKIPPED restart: no postgres server: {reason}\n");
            std::io::stderr().write_all(told.as_bytes()).unwrap();
            None
        }
    }
}

/// The first migration is done, and the second sleeps when the server ends. What the run says is checked by `told`.
fn in_the_middle(server: &PostgresServer, how: End, script: &str, told: &[&str]) {
    let stage = Stage {
        project: ProjectFolder::new(),
        database: Database::Postgres(server.create_database("restart").expect("a database")),
    };
    let stage = stage.settings("").planted();
    stage.write(POTS, script);
    stage.write(
        "migrations/V1.2.0__Add_beds.sql",
        "create table beds(id integer);\n",
    );
    stage.run("migrate --target 1.0.0").ok();
    let call = stage.call("migrate");
    let child = call.start();
    wait_for("the migration to sleep", || {
        let asleep = "select pid::text from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'";
        (!stage.database.texts(asleep).is_empty()).then_some(())
    });
    server.end(how).expect("it ends");
    server.start_again().expect("it starts again");
    let ran = call.finish(child).ended(4).said("again");
    for words in told {
        assert!(ran.all().contains(words), "{how:?}: `{words}` is not in\n{ran}");
    }
    assert!(!stage.has("beds"), "{how:?}: nothing is begun after it\n{ran}");
    stage.database.run("insert into plants values (2, 'fern')");
    stage.run("migrate --lock-wait 5s").ok();
    assert!(stage.has("pots") && stage.has("slow") && stage.has("beds"));
    let done = stage.record(
        "select script || ' ' || count(*)::text from @migration_execution_history where status = 'completed' group by script order by 1",
    );
    let once = [
        "V1.0.0__Create_plants.sql 1",
        "V1.1.0__Add_pots.sql 1",
        "V1.2.0__Add_beds.sql 1",
    ];
    assert_eq!(done, once, "{how:?}");
}

fn every_end(script: &str, told: &[&str]) {
    let Some(server) = server() else { return };
    for how in [End::Fast, End::Immediate, End::Killed] {
        in_the_middle(&server, how, script, told);
    }
}

#[test]
fn a_transaction_is_rolled_back_and_applied_by_the_next_run() {
    let script = format!(
        "create table pots(id integer);\ncreate table slow as select pg_sleep({FIRST_TIME})::text as nothing;\n"
    );
    every_end(&script, &["nothing changed"]);
}

#[test]
fn outside_a_transaction_the_next_run_goes_on_where_it_ended() {
    let script = format!(
        "-- dbvc: no-transaction\ncreate table pots(id integer);\n\
         create table slow as select pg_sleep({FIRST_TIME})::text as nothing;\n"
    );
    every_end(&script, &["1 of 2 statements took effect and stay"]);
}
