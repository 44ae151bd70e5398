//! No room left on the disk.

use std::process::Command;

use dbvc_tests::ProjectFolder;
use dbvc_tests::servers::{PostgresServer, TestServer as _};
use dbvc_tests::stage::{Database, POTS, Stage};

use super::room::Room;

/// In KiB: too small for what a test writes, and large enough.
const SMALL: u32 = 512;
const LARGE: u32 = 16 * 1024;

/// A database that has little room. Whoever adds a database system adds it here.
struct Cramped {
    stage: Stage,
    room: Room,
    /// What puts a table where there is little room.
    place: &'static str,
    _server: Option<PostgresServer>,
}

fn on_sqlite() -> Option<Cramped> {
    let stage = Stage::empty_on_sqlite();
    let room = Room::of(&stage, SMALL)?;
    Some(Cramped {
        stage: room.on_sqlite(stage).planted(),
        room,
        place: "",
        _server: None,
    })
}

/// A cluster of its own, because its files must lie on this machine.
fn on_postgres() -> Option<Cramped> {
    PostgresServer::shared()?;
    let server = PostgresServer::start_own().expect("a cluster");
    let url = server.create_database("cramped").expect("a database");
    // Where whoever runs the server may enter.
    let name = url.rsplit('/').next().unwrap_or_default();
    let folder = std::env::temp_dir().join(format!("dbvc-room-{name}"));
    std::fs::create_dir_all(&folder).unwrap();
    let room = Room::at(folder, SMALL)?;
    let space = room.path().join("space");
    std::fs::create_dir(&space).unwrap();
    // Where tests run as root, the server does not.
    let _ = Command::new("chown").arg("postgres").arg(&space).output();
    let stage = Stage {
        project: ProjectFolder::new(),
        database: Database::Postgres(url),
    };
    let stage = stage.settings("").planted();
    stage.database.run(&format!(
        "create tablespace cramped location '{}'",
        space.display()
    ));
    Some(Cramped {
        stage,
        room,
        place: " tablespace cramped",
        _server: Some(server),
    })
}

impl Cramped {
    /// Two statements, of which the second needs two MiB.
    fn script(&self, directive: &str) -> String {
        let fill = if self.stage.is_postgres() {
            "insert into pots select n, repeat(md5(n::text), 8) from generate_series(1, 8000) n;\n"
        } else {
            "insert into pots with recursive n(i) as (select 1 union all select i + 1 from n where i < 2000) select i, hex(randomblob(500)) from n;\n"
        };
        format!(
            "{directive}create table pots(id integer, text text){};\n{fill}",
            self.place
        )
    }

    fn pots(&self) -> usize {
        self.stage
            .database
            .texts("select cast(id as varchar(9)) from pots")
            .len()
    }
}

fn in_a_transaction(cramped: Option<Cramped>) {
    let Some(cramped) = cramped else { return };
    let stage = &cramped.stage;
    stage.run("migrate --target 1.0.0").ok();
    let before = stage.database.dump(false);
    stage.write(POTS, &cramped.script(""));
    stage
        .run("migrate")
        .ended(6)
        .said("V1.1.0__Add_pots.sql")
        .said("nothing changed")
        .said("make room")
        .kept_quiet_about("retrying");
    assert_eq!(stage.database.dump(false), before);
    cramped.room.resize(LARGE);
    stage.run("migrate --lock-wait 0s").ok();
    assert!(cramped.pots() > 0);
    stage.run("status --check").ok();
}

fn outside_a_transaction(cramped: Option<Cramped>) {
    let Some(cramped) = cramped else { return };
    let stage = &cramped.stage;
    stage.run("migrate --target 1.0.0").ok();
    stage.write(POTS, &cramped.script("-- dbvc: no-transaction\n"));
    stage
        .run("migrate")
        .ended(7)
        .said("V1.1.0__Add_pots.sql:3:")
        .said("1 of 2 statements took effect and stay")
        .said("make room");
    assert_eq!(cramped.pots(), 0);
    cramped.room.resize(LARGE);
    stage.run("migrate --lock-wait 0s").ok();
    assert!(cramped.pots() > 0);
    stage.run("status --check").ok();
}

#[test]
fn sqlite_in_a_transaction() {
    in_a_transaction(on_sqlite());
}

#[test]
fn sqlite_outside_a_transaction() {
    outside_a_transaction(on_sqlite());
}

#[test]
fn postgres_in_a_transaction() {
    in_a_transaction(on_postgres());
}

#[test]
fn postgres_outside_a_transaction() {
    outside_a_transaction(on_postgres());
}

/// Not even the lock's row and the record can be written.
#[test]
fn sqlite_with_no_room_at_all() {
    let Some(cramped) = on_sqlite() else { return };
    let stage = &cramped.stage;
    cramped.room.fill();
    stage.run("migrate").ended(4).said("make room");
    cramped.room.empty();
    stage.run("migrate --target 1.0.0").ok();
    cramped.room.fill();
    stage.run("status").ok();
    stage.run("migrate").ended(4).said("make room");
    assert!(!stage.has("pots"));
    cramped.room.empty();
    stage.run("migrate --lock-wait 0s").ok();
}
