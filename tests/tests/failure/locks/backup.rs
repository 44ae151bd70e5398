//! Backups that were made while a run held the lock.

use dbvc_tests::on_mysql_and_mariadb;
use dbvc_tests::servers::{PostgresServer, TestServer as _};
use dbvc_tests::stage::{Database, Stage};

use super::{PAST_THE_LEASE, SHORT_LEASE, all_were_applied_once, applied, paused_in_the_middle, write_many};

/// The same project, in a copy of the database.
fn beside(stage: &Stage, database: Database) -> Stage {
    let copy = Stage {
        project: dbvc_tests::ProjectFolder::new(),
        database,
    };
    let copy = copy.settings("").planted();
    write_many(&copy);
    assert!(applied(&copy) < applied(stage) + 1);
    copy
}

fn goes_on_at_once(copy: &Stage) {
    copy.run("lock status").ok().said("to migrate").said("gone");
    copy.run("migrate --lock-wait 0s").ok().said("took over");
    all_were_applied_once(copy);
}

/// The server knows that the session in the row holds nothing in this database.
#[test]
fn a_restored_dump_is_migrated_at_once() {
    let (Some(stage), Some(server)) = (Stage::empty_on_postgres(), PostgresServer::shared()) else {
        return;
    };
    let stage = stage.planted().settings(SHORT_LEASE);
    write_many(&stage);
    let holder = paused_in_the_middle(&stage);
    let url = server.create_database("restored").unwrap();
    server.copy_database(&stage.url(), &url).unwrap();
    goes_on_at_once(&beside(&stage, Database::Postgres(url)));
    stage.run("lock status").ok().said("alive");
    holder.signal("CONT");
    holder.end();
    stage.run("migrate").ok();
    all_were_applied_once(&stage);
}

on_mysql_and_mariadb! {
    fn a_restored_dump_is_migrated_at_once_there(stage) {
        let stage = stage.planted().settings(SHORT_LEASE);
        write_many(&stage);
        let holder = paused_in_the_middle(&stage);
        goes_on_at_once(&beside(&stage, dumped_and_restored(&stage)));
        stage.run("lock status").ok().said("alive");
        holder.signal("CONT");
        holder.end();
        stage.run("migrate").ok();
        all_were_applied_once(&stage);
    }
}

/// What a backup on MySQL or MariaDB holds, in another database of the server.
fn dumped_and_restored(stage: &Stage) -> Database {
    let url: url::Url = stage.url().parse().unwrap();
    let name = url.path().trim_start_matches('/').to_owned();
    stage.database.run(&format!("create database {name}_copy"));
    let mut command = std::process::Command::new("sh");
    command
        .args(["-ec", RESTORE, "restore"])
        .args([
            url.host_str().unwrap(),
            &url.port().unwrap().to_string(),
            url.username(),
            &name,
        ])
        .env("MYSQL_PWD", url.password().unwrap());
    let output = command.output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    Database::MySql(stage.url().replace(&format!("/{name}"), &format!("/{name}_copy")))
}

const RESTORE: &str = r#"
at="--no-defaults --protocol=TCP --host=$1 --port=$2 --user=$3"
file=$(mktemp)
trap 'rm -f "$file"' EXIT
mariadb-dump $at --single-transaction --routines "$4" >"$file"
mariadb $at "${4}_copy" <"$file"
"#;

/// Even one in which every number of the catalogue is the same.
#[test]
fn a_database_made_from_it_as_a_template_is_migrated_at_once() {
    let Some(stage) = Stage::empty_on_postgres() else {
        return;
    };
    let stage = stage.planted();
    write_many(&stage);
    let holder = paused_in_the_middle(&stage);
    // A template must have no session; what it was written into is what a copy of the files would have.
    let row = stage
        .record("select row_to_json(l)::text from @migration_locks l")
        .remove(0);
    holder.kill();
    std::thread::sleep(std::time::Duration::from_millis(500));
    let table = stage.own("migration_locks");
    stage.database.run(&format!("insert into {table} select * from json_populate_record(null::{table}, '{row}') on conflict do nothing"));
    let (maintenance, name) = stage
        .url()
        .rsplit_once('/')
        .map(|(at, name)| (format!("{at}/postgres"), name.to_owned()))
        .unwrap();
    Database::Postgres(maintenance.clone()).run(&format!("create database {name}_copy template {name}"));
    let copy = Database::Postgres(maintenance.replace("/postgres", &format!("/{name}_copy")));
    goes_on_at_once(&beside(&stage, copy));
}

/// The row of the holder came with the file; the system's lock did not.
#[test]
fn a_copy_of_a_file_is_migrated_at_once() {
    let stage = Stage::empty_on_sqlite().planted().settings(SHORT_LEASE);
    write_many(&stage);
    let holder = paused_in_the_middle(&stage);
    let Database::Sqlite(path) = &stage.database else {
        unreachable!("it is on SQLite")
    };
    let folder = tempfile::tempdir().unwrap();
    let copied = folder.path().join("copy.db");
    for end in ["", "-wal", "-dbvc-lock"] {
        let from = path.with_file_name(format!("app.db{end}"));
        if from.exists() {
            std::fs::copy(from, folder.path().join(format!("copy.db{end}"))).unwrap();
        }
    }
    let copy = Stage {
        project: dbvc_tests::ProjectFolder::new(),
        database: Database::Sqlite(copied.clone()),
    };
    let copy = copy.planted();
    write_many(&copy);
    copy.write(
        "dbvc.toml",
        &format!("[databases.plants]\nurl = \"sqlite:{}\"\n", copied.display()),
    );
    goes_on_at_once(&copy);
    std::thread::sleep(PAST_THE_LEASE);
    holder.signal("CONT");
    holder.end().ok();
    all_were_applied_once(&stage);
}
