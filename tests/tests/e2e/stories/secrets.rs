//! Passwords stay unseen, whatever is asked for.

use crate::filters::{Address, unique};
use dbvc_tests::stage::Database;
use dbvc_tests::stage::Stage;

/// Every call looks for the password in what was written; here are the calls that know it and go well.
#[test]
fn a_login_that_works_shows_its_password_nowhere() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let Database::Postgres(url) = &stage.database else {
        unreachable!("it is on a server")
    };
    let at = Address::of(url);
    let role = unique("gardener");
    stage.database.run(&format!(
        "create role {role} login password 'hunter2-SECRET'; grant all on database \"{}\" to {role}; grant all on schema public to {role};", at.name
    ));
    let url = format!(
        "postgres://{role}:hunter2-SECRET@{}:{}/{}",
        at.host, at.port, at.name
    );
    let stage = stage.planted();
    stage.write("dbvc.toml", &format!("[databases.plants]\nurl = \"{url}\"\n"));
    for line in [
        "config",
        "status",
        "status --detailed",
        "migrate --dry-run",
        "migrate --to-file review.sql",
        "migrate",
        "history",
        "verify",
        "lock status",
        "rollback --yes",
        "drivers",
    ] {
        stage.run(line).ok();
        stage.call(line).args(["--json"]).run().ok();
        stage
            .call(line)
            .args(["-vv"])
            .env("DBVC_LOG", "trace")
            .env("DBVC_LOG_FORMAT", "json")
            .run()
            .ok();
    }
    assert!(!stage.project.read("review.sql").contains("hunter2-SECRET"));
    let kept = stage.database.dump(true);
    assert!(
        !kept.iter().any(|line| line.contains("hunter2-SECRET")),
        "the record keeps no password"
    );
}

#[test]
fn a_login_that_may_only_connect_can_look() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let Database::Postgres(url) = &stage.database else {
        unreachable!("it is on a server")
    };
    let at = Address::of(url);
    let role = unique("gardener");
    stage
        .database
        .run(&format!("create role {role} login password 'hunter2-SECRET'"));
    let stage = stage.planted();
    let theirs = format!(
        "postgres://{role}:hunter2-SECRET@{}:{}/{}",
        at.host, at.port, at.name
    );
    let look = |line: &str| stage.call(line).env("DBVC_URL", &theirs).run();
    for line in ["status", "migrate --dry-run", "history", "lock status"] {
        look(line).ok();
    }
    stage.run("migrate").ok();
    // The record is there now, and this login may not read it.
    look("status").ended(4).said("permission denied");
    stage.database.run(&format!(
        "grant usage on schema version_control to {role}; grant select on all tables in schema version_control to {role};"
    ));
    look("status --check").ok().said("1.1.0");
    look("verify").ok();
    look("migrate").ok();
}
