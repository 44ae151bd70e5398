//! Scratch databases, and what is compared on them.

use dbvc_tests::stage::{Database, Stage};

use crate::filters::{Address, unique};

/// The same with a column more.
pub(super) const WANTED: &str = "create table plants(id integer primary key, name text not null);\n\
             create table pots(id integer primary key, plant integer references plants(id), size integer);\n\
             create index pots_by_plant on pots(plant);\ncreate view plant_names as select name from plants;\n";

dbvc_tests::on_every_database! {
    fn versions_files_and_folders_are_compared(stage) {
        let stage = stage.planted().with_names();
        stage.run("diff version:1.0.0 v1.1.0").ended(1).said("pots");
        stage.run("diff 1.1.0 migrations/").ok().said("No differences.");
        let nothing = stage.run("diff version:0 1.0.0").ended(1);
        assert!(nothing.all().contains("plants") && !nothing.all().contains("pots"), "{nothing}");
        stage.write("schema.sql", WANTED);
        let ran = stage.run("diff migrations/ schema.sql").ended(1).said("+ column size int");
        assert!(!ran.all().contains("index"), "{ran}");
        stage.run("diff migrations/").ended(1).said("Removed");
        stage.run("migrate").ok();
        stage.run("diff migrations/").ok().said("No differences.");
        stage.run("diff 1.0.0").ended(1).said("pots");
    }

    fn a_side_that_is_none_leaves_nothing_behind(stage) {
        let stage = stage.planted();
        stage.run("diff version:9.9.9").ended(1).said("DBVC3008");
        stage.run("diff version:many").ended(2).said("DBVC7005");
        stage.run("diff nowhere.sql").ended(2).said("DBVC7006");
        stage.write("schema.sql", "create table a(id integer);\ncreate tabel b(id integer);\n");
        let place = format!("schema.sql:{}", stage.line(2));
        stage.run("diff schema.sql").ended(1).said(&place).said("not touched");
        assert!(!stage.has("a"));
    }
}

/// A server's scratch databases, by this stage's own name for them.
fn scratch_names(stage: &Stage, like: &str) -> Vec<String> {
    stage.database.texts(&format!(
        "select datname::text from pg_database where datname like 'dbvc_scratch_{like}%' order by 1"
    ))
}

#[test]
fn a_login_that_may_create_no_database_is_told_both_ways_on() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let Database::Postgres(whole) = &stage.database else {
        unreachable!("it is on a server")
    };
    let at = Address::of(whole);
    let role = unique("gardener");
    stage.database.run(&format!(
        "create role {role} login password 'hunter2-SECRET'; grant all on database \"{}\" to {role}; \
         grant all on schema public to {role};",
        at.name
    ));
    let url = format!(
        "postgres://{role}:hunter2-SECRET@{}:{}/{}",
        at.host, at.port, at.name
    );
    let whole = whole.clone();
    let stage = stage.planted();
    let settings = format!("[databases.plants]\nurl = \"{url}\"\n");
    stage.write("dbvc.toml", &settings);
    stage
        .run("test")
        .ended(4)
        .said("DBVC8101")
        .said(&format!("ALTER ROLE \"{role}\" CREATEDB"))
        .said("scratch = ");
    stage.write(
        "dbvc.toml",
        &format!("{settings}\n[environments.development]\nscratch = \"{whole}\"\n"),
    );
    stage.run("test").ok().said("2 reversible");
}

#[test]
fn only_what_is_provably_a_leftover_is_dropped() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let stage = stage.planted();
    let mark = "f00d";
    let old = format!("dbvc_scratch_{mark}{}", "1".repeat(28));
    let young = format!("dbvc_scratch_{mark}{}", "2".repeat(28));
    let unmarked = format!("dbvc_scratch_{mark}{}", "3".repeat(28));
    let misnamed = format!("dbvc_scratch_{mark}_mine");
    // Killed before it could leave its mark, a day ago and more: the name tells.
    let killed = "dbvc_scratch_018bcfe568007abc8def0123456789ab".to_owned();
    for name in [&old, &young, &unmarked, &misnamed, &killed] {
        stage
            .database
            .run(&format!("create database {name} template template0"));
    }
    for name in [&old, &misnamed] {
        stage.database.run(&format!(
            "comment on database {name} is 'dbvc scratch database, made at 1700000000'"
        ));
    }
    let now = stage
        .database
        .texts("select floor(extract(epoch from now()))::bigint::text");
    stage.database.run(&format!(
        "comment on database {young} is 'dbvc scratch database, made at {}'",
        now[0]
    ));
    stage.run("test").ok();
    let left = scratch_names(&stage, mark);
    assert!(scratch_names(&stage, "018bcfe56800").is_empty());
    for name in [&young, &unmarked, &misnamed] {
        stage.database.run(&format!("drop database {name}"));
    }
    assert_eq!(left, [young, unmarked, misnamed]);
}
