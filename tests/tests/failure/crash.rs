//! The server crashes while a run's commits are still on their way to its disk.

use std::io::Write as _;
use std::time::Duration;

use dbvc_tests::servers::{End, PostgresServer, TestServer as _};
use dbvc_tests::stage::{Database, Stage};
use dbvc_tests::{ProjectFolder, Ran, wait_for};

const MIGRATIONS: usize = 160;

/// A cluster of its own: other tests want theirs to stay up. None where no server can be started, which is then told.
fn server() -> Option<PostgresServer> {
    PostgresServer::shared()?;
    match PostgresServer::start_own_lazy() {
        Ok(server) => Some(server),
        Err(reason) => {
            assert!(
                std::env::var_os("DBVC_REQUIRE_SERVER").is_none(),
                "no cluster of its own: {reason}"
            );
            let told = format!("SKIPPED crash: no postgres server: {reason}\n");
            std::io::stderr().write_all(told.as_bytes()).unwrap();
            None
        }
    }
}

/// Each migration makes a table and notes itself in one that all share.
fn stage(server: &PostgresServer, settings: &str) -> Stage {
    let stage = Stage {
        project: ProjectFolder::new(),
        database: Database::Postgres(server.create_database("crash").expect("a database")),
    };
    let stage = stage.settings(&format!("versioning = \"integer\"\n{settings}"));
    let settings = stage
        .project
        .read("dbvc.toml")
        .replace("versioning = \"semantic\"\n", "");
    stage.write("dbvc.toml", &settings);
    stage.write(
        "migrations/V1__Create_done.sql",
        "create table done(number integer);\n",
    );
    for number in 2..=MIGRATIONS {
        stage.write(
            &format!("migrations/V{number}__Create_t{number}.sql"),
            &format!(
                "create table t{number}(a integer);\ninsert into done select {number} from pg_sleep(0.003);\n"
            ),
        );
    }
    stage
}

/// The versions that the history calls applied; the schema must hold exactly these, and they must be the first ones.
fn applied(stage: &Stage) -> usize {
    let recorded = stage.record(
        "select version from @migration_applied_status where status = 'applied' order by version::integer",
    );
    let wanted: Vec<String> = (1..=recorded.len()).map(|number| number.to_string()).collect();
    assert_eq!(recorded, wanted, "the history has a beginning of the run");
    let made = stage
        .database
        .texts("select substr(relname, 2) from pg_class where relname ~ '^t[0-9]+$' order by substr(relname, 2)::integer");
    assert_eq!(
        made,
        wanted.get(1..).unwrap_or_default(),
        "the schema has what the history says"
    );
    let done = "select number::text from done order by done.number";
    let noted = if recorded.is_empty() {
        Vec::new()
    } else {
        stage.database.texts(done)
    };
    assert_eq!(noted, made, "the data has what the history says");
    recorded.len()
}

/// Runs, ends the server once so many migrations were told as applied, and starts it again.
fn crash(server: &PostgresServer, stage: &Stage, how: End, after: usize) -> Ran {
    let call = stage.call("migrate");
    let child = call.start();
    let rows = "select count(*)::text from done";
    wait_for("the run to come so far", || {
        let database = &stage.database;
        (database.has_table("done") && database.texts(rows)[0].parse::<usize>().ok()? >= after).then_some(())
    });
    server.end(how).expect("it ends");
    std::thread::sleep(Duration::from_millis(200));
    server.start_again().expect("it starts again");
    call.finish(child)
}

#[test]
fn what_a_crash_takes_is_an_end_of_the_run_and_the_history_knows() {
    let Some(server) = server() else { return };
    let mut lost = 0;
    for (how, after) in [
        (End::Immediate, 10),
        (End::Killed, 40),
        (End::Immediate, 80),
        (End::Killed, 120),
    ] {
        let stage = stage(&server, "");
        let ran = crash(&server, &stage, how, after);
        let kept = applied(&stage);
        assert!(kept < MIGRATIONS, "it was stopped on the way");
        let told = ran.stdout.matches("  applied ").count() + ran.stderr.matches("  applied ").count();
        if told > kept {
            lost += told - kept;
            assert_eq!(ran.code, 4, "{ran}");
            assert!(ran.all().contains("before the last"), "{ran}");
        }
        stage.run("migrate").ok();
        assert_eq!(applied(&stage), MIGRATIONS);
        let twice = stage.record(
            "select version from @migration_execution_history where status = 'completed' group by 1 having count(*) > 1",
        );
        assert!(twice.is_empty(), "applied twice: {twice:?}");
    }
    assert!(lost > 0, "no crash took a commit, so nothing was shown");
}

#[test]
fn a_run_that_ended_well_survives_a_crash() {
    let Some(server) = server() else { return };
    let stage = stage(&server, "");
    stage.run("migrate").ok();
    server.end(End::Killed).expect("it ends");
    server.start_again().expect("it starts again");
    assert_eq!(applied(&stage), MIGRATIONS);
}

#[test]
fn with_durable_migration_a_crash_takes_nothing_that_was_told() {
    let Some(server) = server() else { return };
    let stage = stage(&server, "durable = \"migration\"");
    let ran = crash(&server, &stage, End::Killed, 80);
    let told = ran.stdout.matches("  applied ").count() + ran.stderr.matches("  applied ").count();
    assert!(applied(&stage) >= told, "{ran}");
    stage.run("migrate").ok();
    assert_eq!(applied(&stage), MIGRATIONS);
}

#[test]
fn a_server_that_is_restarted_in_between_keeps_all_it_committed() {
    let Some(server) = server() else { return };
    let stage = stage(&server, "");
    let ran = crash(&server, &stage, End::Fast, 80);
    let told = ran.stdout.matches("  applied ").count() + ran.stderr.matches("  applied ").count();
    assert!(applied(&stage) >= told, "{ran}");
    stage.run("migrate").ok();
    assert_eq!(applied(&stage), MIGRATIONS);
}
