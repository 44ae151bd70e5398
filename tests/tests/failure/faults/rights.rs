//! Logins that may not, or not any more; servers and files that are read only.

use std::sync::atomic::{AtomicU32, Ordering};

use dbvc_tests::stage::{POTS, Stage};
use dbvc_tests::{Invocation, wait_for};

use super::room::Room;

/// A project on PostgreSQL whose migrations are run by a login of its own.
struct Lent {
    stage: Stage,
    login: String,
}

impl Lent {
    fn new() -> Option<Self> {
        static COUNT: AtomicU32 = AtomicU32::new(0);
        let stage = Stage::empty_on_postgres()?.planted();
        let count = COUNT.fetch_add(1, Ordering::Relaxed);
        let login = format!("gardener_{}_{count}", std::process::id());
        stage.database.run(&format!(
            "create role {login} login password 'spade';
             grant create on schema public to {login};
             do $$ begin execute format('grant create on database %I to {login}', current_database()); end $$;"
        ));
        Some(Self { stage, login })
    }

    fn call(&self, line: &str) -> Invocation {
        let url = self.stage.url();
        let (start, rest) = url.split_once("://").unwrap();
        let place = rest.rsplit_once('@').map_or(rest, |(_, place)| place);
        let url = format!("{start}://{}:spade@{place}", self.login);
        self.stage.call(line).env("DBVC_URL", &url)
    }

    fn run(&self, script: &str) {
        self.stage.database.run(&script.replace("LOGIN", &self.login));
    }

    /// Starts a run and does something once its second migration sleeps.
    fn meanwhile(&self, script: &str, act: impl FnOnce()) -> dbvc_tests::Ran {
        self.stage.write(POTS, script);
        let call = self.call("migrate");
        let child = call.start();
        wait_for("the migration to sleep", || {
            let asleep = "select pid::text from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'";
            (!self.stage.database.texts(asleep).is_empty()).then_some(())
        });
        act();
        call.finish(child)
    }

    fn all_is_done_once(&self) {
        self.call("status --check").run().ok();
        let done = "select script from @migration_execution_history where status = 'completed' group by script having count(*) <> 1";
        assert_eq!(self.stage.record(done), [""; 0]);
    }
}

impl Drop for Lent {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            self.run("drop owned by LOGIN cascade; drop role LOGIN");
        }
    }
}

#[test]
fn a_login_that_may_only_read_sees_all_and_changes_nothing() {
    let Some(lent) = Lent::new() else { return };
    lent.stage.run("migrate --target 1.0.0").ok();
    lent.run(
        "revoke create on schema public from LOGIN; grant usage on schema version_control to LOGIN;
         grant select on all tables in schema version_control, public to LOGIN",
    );
    let before = lent.stage.database.dump(true);
    lent.call("status").run().ok().said("1.0.0");
    lent.call("migrate --dry-run").run().ok();
    lent.call("migrate")
        .run()
        .ended(4)
        .said("DBVC4007")
        .said("give the login the right that is missing");
    assert_eq!(lent.stage.database.dump(true), before);
}

#[test]
fn a_database_that_is_read_only_is_told_as_such() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let stage = stage.planted();
    stage.run("migrate --target 1.0.0").ok();
    let read_only = |on: &str| {
        stage.database.run(&format!(
            "set transaction_read_only = off;
             do $$ begin execute format('alter database %I set default_transaction_read_only = {on}', current_database()); end $$"
        ));
    };
    read_only("on");
    stage.run("status").ok();
    stage
        .run("migrate")
        .ended(4)
        .said("DBVC4007")
        .said("25006")
        .said("is set to read only");
    read_only("off");
    stage.run("migrate").ok();
}

#[test]
fn a_right_that_goes_between_two_migrations_stops_the_second() {
    let Some(lent) = Lent::new() else { return };
    lent.stage.write(
        "migrations/V1.2.0__Add_beds.sql",
        "create table beds(id integer);\n",
    );
    let ran = lent.meanwhile("select pg_sleep(1);\ncreate table pots(id integer);\n", || {
        lent.run("revoke create on schema public from LOGIN");
    });
    ran.ended(6)
        .said("V1.1.0__Add_pots.sql:2:")
        .said("42501")
        .said("nothing changed")
        .said("give the login the right that is missing");
    assert!(lent.stage.has("plants") && !lent.stage.has("beds"));
    lent.run("grant create on schema public to LOGIN");
    lent.call("migrate --lock-wait 0s").run().ok();
    lent.all_is_done_once();
}

#[test]
fn a_record_that_cannot_be_written_any_more_takes_the_migration_back() {
    let Some(lent) = Lent::new() else { return };
    let ran = lent.meanwhile("create table pots(id integer);\nselect pg_sleep(1);\n", || {
        lent.run("revoke insert on version_control.migration_execution_history from LOGIN");
    });
    ran.ended(6).said("42501").said("nothing changed");
    assert!(!lent.stage.has("pots"));
    lent.run("grant insert on version_control.migration_execution_history to LOGIN");
    lent.call("migrate --lock-wait 0s").run().ok();
    lent.all_is_done_once();
}

#[test]
fn the_same_outside_a_transaction_leaves_what_is_done_and_the_next_run_goes_on() {
    let Some(lent) = Lent::new() else { return };
    let script = "-- dbvc: no-transaction\ncreate table pots(id integer);\n\
                  create table beds as select pg_sleep(1)::text as nothing;\ncreate table rows(id integer);\n";
    let ran = lent.meanwhile(script, || {
        lent.run("revoke update on version_control.migration_execution_history from LOGIN");
    });
    ran.ended(7)
        .said("DBVC5004")
        .said("42501")
        .said("2 of 3 statements took effect and stay")
        .said("run `dbvc migrate` again");
    assert!(lent.stage.has("pots") && !lent.stage.has("rows"));
    lent.run("grant update on version_control.migration_execution_history to LOGIN");
    lent.call("migrate --lock-wait 0s").run().ok();
    lent.all_is_done_once();
}

/// The connection breaks, and by then the login has another password: that is told at once and not tried over and over,
/// which would lock the login where a server counts failures.
#[test]
fn a_password_that_changed_meanwhile_is_told() {
    let Some(lent) = Lent::new() else { return };
    let begun = std::time::Instant::now();
    let ran = lent.meanwhile("create table pots(id integer);\nselect pg_sleep(20);\n", || {
        lent.run("alter role LOGIN password 'fork'");
        lent.run(
            "select pg_terminate_backend(pid) from pg_stat_activity where datname = current_database() and wait_event = 'PgSleep'",
        );
    });
    ran.ended(4)
        .said("whether it was committed is not known")
        .said("28P01")
        .said("`dbvc migrate` is safe either way");
    assert!(
        begun.elapsed() < std::time::Duration::from_secs(8),
        "{:?}",
        begun.elapsed()
    );
    lent.run("alter role LOGIN password 'spade'");
    lent.stage.write(POTS, "create table pots(id integer);\n");
    lent.call("migrate --lock-wait 0s").run().ok();
    lent.all_is_done_once();
}

#[test]
fn a_file_in_a_folder_that_is_read_only_is_told_as_such() {
    let stage = Stage::empty_on_sqlite();
    let Some(room) = Room::of(&stage, 4 * 1024) else {
        return;
    };
    let stage = room.on_sqlite(stage).planted();
    stage.run("migrate --target 1.0.0").ok();
    room.read_only(true);
    stage.run("status").ok().said("1.0.0");
    stage
        .run("migrate")
        .ended(4)
        .said("DBVC4007")
        .said("check the rights of the file and of its folder");
    room.read_only(false);
    stage.run("migrate").ok();
}
