//! `test`: what undo scripts are worth.

use dbvc_tests::stage::Stage;
use dbvc_tests::wait_for;
use serde_json::Value;

use crate::filters::{filtered, without_names};

/// Makes the name again, and otherwise than it was. A default would be another object on SQL Server, and keep the column.
fn another_name(stage: &Stage) -> &'static str {
    if stage.is_mssql() {
        "alter table plants drop column label;\nalter table plants add column name varchar(40);\n\
         alter table plants add column extra integer;\n"
    } else {
        "alter table plants drop column label;\nalter table plants add column name varchar(40) not null default 'none';\n\
         alter table plants add column extra integer;\n"
    }
}

/// One migration of each verdict.
pub(super) fn of_each_kind(stage: Stage) -> Stage {
    let stage = stage.planted();
    for (name, up, undo) in [
        (
            "V1.2.0__Drop_the_name",
            "alter table plants add column label text;\nalter table plants drop column name;\n",
            another_name(&stage),
        ),
        (
            "V1.3.0__Drop_the_pots",
            "drop table pots;\n",
            "create table pots(id integer primary key, plant integer references plants(id));\n\
             create index pots_by_plant on pots(plant);\n",
        ),
        (
            "V1.4.0__Add_beds",
            "create table beds(id integer);\n",
            "drop table bed;\n",
        ),
        (
            "V1.5.0__Add_tools",
            "create table tools(id integer);\n",
            "update plants set label = 'x';\ndrop table tools;\n",
        ),
        (
            "V1.6.0__Add_seeds",
            "insert into plants(id) values (7);\n",
            "delete from plants where id = 7;\n",
        ),
    ] {
        stage.write(&format!("migrations/{name}.sql"), up);
        stage.write(&format!("rollback/{name}_rollback.sql"), undo);
    }
    stage.write(
        "migrations/V1.7.0__Add_sheds.sql",
        "create table sheds(id integer);\n",
    );
    stage.write(
        "migrations/V1.8.0__Add_paths.sql",
        "-- dbvc: irreversible=\"the paths are laid\"\ncreate table paths(id integer);\n",
    );
    stage.write(
        "migrations/R__Shed_numbers.sql",
        "drop view if exists shed_numbers;\ncreate view shed_numbers as select id from sheds;\n",
    );
    stage
}

/// Which scratch databases a long statement is at work in.
const AT_WORK: [(&[&str], &str); 3] = [
    (
        &["postgres"],
        "select a.datname::text from pg_stat_activity a where a.datname like 'dbvc_scratch_%' \
         and a.query like '%create table slow%' and a.pid <> pg_backend_pid()",
    ),
    (
        &["mysql", "mariadb"],
        "select db from information_schema.processlist where db like 'dbvc_scratch_%' and info like 'create table slow%'",
    ),
    (
        &["mssql"],
        "select db_name(r.database_id) from sys.dm_exec_requests r cross apply sys.dm_exec_sql_text(r.sql_handle) t \
         where db_name(r.database_id) like 'dbvc[_]scratch[_]%' and t.TEXT like '%into slow%' and r.session_id <> @@spid",
    ),
];

fn verdicts(report: &Value) -> Vec<(String, String)> {
    let text = |proof: &Value, name: &str| proof[name].as_str().unwrap().to_owned();
    let proofs = report["migrations"].as_array().unwrap();
    proofs
        .iter()
        .map(|proof| (text(proof, "migration"), text(proof, "verdict")))
        .collect()
}

dbvc_tests::on_every_database! {
    fn each_undo_script_gets_its_verdict(stage) {
        let stage = of_each_kind(stage);
        let before = stage.database.dump(true);
        let report = dbvc_tests::stage::parsed(&stage.call("test --json").run().ended(1));
        let wanted = [
            ("1.0.0", "reversible"),
            ("1.1.0", "reversible"),
            ("1.2.0", "wrong"),
            ("1.3.0", "loses-data"),
            ("1.4.0", "wrong"),
            ("1.5.0", "loses-data"),
            ("1.6.0", "reversible"),
            ("1.7.0", "irreversible"),
            ("1.8.0", "irreversible"),
            ("R__Shed_numbers", "not-tested"),
        ];
        let wanted: Vec<_> = wanted.map(|(one, other)| (one.to_owned(), other.to_owned())).into();
        assert_eq!(verdicts(&report), wanted, "{report:#}");
        assert_eq!(report["migrations"][3]["losses"][0]["basis"], "schema");
        assert_eq!(report["migrations"][5]["losses"][0]["basis"], "rows");
        assert_eq!(report["migrations"][8]["declared"], true);
        assert_eq!(stage.database.dump(true), before, "the database itself was touched");
    }

    fn the_difference_and_the_reasons_are_shown(stage) {
        let stage = of_each_kind(stage);
        let ran = stage.run("test").ended(1);
        if stage.is_mssql() {
            // Nobody has seen the whole of it yet.
            ran.said("wrong").said("loses data").said("irreversible").said("the paths are laid").said("bed");
            return;
        }
        let system = stage.system();
        let shown = without_names(&ran.all(), &stage.project, Some(&stage.database));
        filtered(|| insta::assert_snapshot!(format!("verdicts_on_{system}"), shown));
    }

    fn a_project_whose_undo_scripts_are_right_passes(stage) {
        let stage = stage.planted().with_names();
        stage.run("test").ok().said("2 reversible");
        stage.run("validate --replay").ok().said("2 reversible");
        stage.run("test --strict").ok();
        stage.write("migrations/V1.2.0__Add_beds.sql", "create table beds(id integer);\n");
        stage.run("test").ok().said("irreversible");
        stage.run("test --strict").ended(1);
    }

    fn a_migration_that_fails_ends_the_test(stage) {
        let stage = stage.planted();
        stage.write(dbvc_tests::stage::POTS, "create table pots(id integer);\ninsert into nowhere values (1);\n");
        stage.write("migrations/V1.2.0__Add_beds.sql", "create table beds(id integer);\n");
        let ran = stage.run("test").ended(1).said("fails").said("nowhere").said("not touched");
        assert!(ran.all().contains("not tested"), "{ran}");
        assert!(!stage.has("plants"));
    }

    fn what_would_reach_beyond_the_scratch_database_is_refused(stage) {
        let stage = stage.planted();
        let (sql, name) = match stage.system() {
            "postgres" => ("create role somebody;\n", "V1.2.0__Add_somebody"),
            "sqlite" => ("attach 'other.db' as other;\n", "V1.2.0__Add_other"),
            "mssql" => ("create login somebody with password = 'hunter2-SECRET';\n", "V1.2.0__Add_somebody"),
            _ => ("create user somebody;\n", "V1.2.0__Add_somebody"),
        };
        stage.write(&format!("migrations/{name}.sql"), sql);
        stage.run("test").ended(1).said("DBVC8103").said("scratch = ");
        assert!(!stage.project.path().join("other.db").exists());
    }

    fn nothing_stays_behind_after_a_stop(stage) {
        let stage = stage.planted();
        stage.write("migrations/V1.2.0__Wait.sql", stage.long_work());
        let stage = stage.settings("");
        let folder = stage.project.path().join("tmp");
        std::fs::create_dir(&folder).unwrap();
        let call = stage.call("test").env("TMPDIR", folder.to_str().unwrap());
        let child = call.start();
        let name = wait_for("a scratch database at work", || {
            let asked = AT_WORK.iter().find(|(systems, _)| systems.contains(&stage.system()));
            let names = if let Some((_, query)) = asked {
                stage.database.texts(query)
            } else {
                let made = std::fs::read_dir(&folder).unwrap().flatten();
                made.map(|entry| entry.file_name().to_string_lossy().into_owned()).collect()
            };
            names.into_iter().next()
        });
        dbvc_tests::signal(&child, "INT");
        call.finish(child).ended(130);
        let left = match stage.system() {
            "postgres" => stage.database.texts(&format!("select datname::text from pg_database where datname = '{name}'")).len(),
            "sqlite" => std::fs::read_dir(&folder).unwrap().count(),
            "mssql" => stage.database.texts(&format!("select name from sys.databases where name = '{name}'")).len(),
            _ => {
                let still = format!("select info from information_schema.processlist where db = '{name}'");
                let there = format!("select schema_name from information_schema.schemata where schema_name = '{name}'");
                stage.database.texts(&still).len() + stage.database.texts(&there).len()
            }
        };
        assert_eq!(left, 0, "{name}");
    }
}

#[test]
fn an_undo_script_is_not_blamed_for_the_migration_before() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let stage = stage.planted();
    // Applied again it makes another table, which shows only when the next one is undone.
    stage.write(
        "migrations/V1.2.0__Add_beds.sql",
        "do $$ begin if exists (select from plants where id > 1) then create table beds(id integer, more integer);\n\
         else create table beds(id integer); end if; end $$;\ninsert into plants(id, name) values (2, 'fern') on conflict do nothing;\n",
    );
    stage.write("rollback/V1.2.0__Add_beds_rollback.sql", "drop table beds;\n");
    stage.write(
        "migrations/V1.3.0__Add_tools.sql",
        "create table tools(id integer);\n",
    );
    stage.write("rollback/V1.3.0__Add_tools_rollback.sql", "drop table tools;\n");
    let report = dbvc_tests::stage::parsed(&stage.call("test --json").run().ended(1));
    let of = |key: &str| verdicts(&report).into_iter().find(|(it, _)| it == key).unwrap().1;
    assert_eq!(of("1.2.0"), "wrong", "{report:#}");
    assert_eq!(of("1.3.0"), "reversible", "{report:#}");
}
