//! A run on a file that was killed while half of its transaction was in the file already.

use std::path::PathBuf;

use dbvc_tests::stage::{Database, POTS, Stage};
use dbvc_tests::{signal, wait_for};

/// More than SQLite keeps in memory, so that it writes to the file before the end.
const ROWS: u32 = 200_000;

fn file(stage: &Stage) -> PathBuf {
    match &stage.database {
        Database::Sqlite(file) => file.clone(),
        _ => unreachable!("a test of files"),
    }
}

/// A project at 1.0.0 whose run to 1.1.0 was killed, and the content of the file.
fn killed() -> (Stage, Vec<u8>) {
    let stage = Stage::empty_on_sqlite().planted();
    stage.run("migrate --target 1.0.0").ok();
    stage.write(
        POTS,
        &format!(
            "create table pots(id integer primary key, name text);
             with recursive i(n) as (select 1 union all select n + 1 from i where n < {ROWS})
             insert into pots select n, hex(randomblob(40)) from i;
             update pots set name = name || name;\n"
        ),
    );
    let small = std::fs::metadata(file(&stage)).unwrap().len();
    let call = stage.call("migrate");
    let child = call.start();
    wait_for("a part of the transaction in the file", || {
        (std::fs::metadata(file(&stage)).unwrap().len() > small + 1_000_000).then_some(())
    });
    signal(&child, "KILL");
    call.finish(child).ended(-1);
    let journal = file(&stage).with_extension("db-journal");
    assert!(std::fs::metadata(journal).unwrap().len() > 0, "a journal is left");
    let content = std::fs::read(file(&stage)).unwrap();
    (stage, content)
}

#[test]
fn commands_that_look_work_before_the_next_run() {
    for line in ["status", "history", "verify", "migrate --dry-run", "lock status"] {
        let (stage, _) = killed();
        stage.run(line).ok();
        assert!(stage.has("plants") && !stage.has("pots"), "after {line}");
    }
}

#[test]
fn a_database_that_is_never_to_be_written_is_left_as_it_is() {
    let (stage, content) = killed();
    stage
        .run("--url sqlite:app.db?mode=ro status")
        .ended(4)
        .said("rollback journal");
    assert!(
        std::fs::read(file(&stage)).unwrap() == content,
        "not a byte changed"
    );
    stage.run("migrate").ok();
    assert!(stage.has("pots"));
}
