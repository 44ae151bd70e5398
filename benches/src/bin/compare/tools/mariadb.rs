//! MariaDB's own client, without any record of what ran: the floor.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Place, Tool, Trial, UNDONE};
use crate::database::System;
use crate::install::Cache;
use crate::measure::Invocation;
use crate::set::Set;

#[derive(Debug)]
struct Client {
    program: PathBuf,
}

pub(super) fn find(cache: &Cache) -> Result<Box<dyn Tool>, String> {
    let program = cache.debian(&["mariadb-client"], "mariadb")?;
    Ok(Box::new(Client { program }))
}

impl Client {
    fn read(&self, place: &Place, file: &str) -> Invocation {
        let Some(address) = place.database.address() else {
            return self.version();
        };
        let words = [
            "--no-defaults",
            "--batch",
            "--protocol=TCP",
            "--skip-ssl",
            &format!("--host={}", address.host),
            &format!("--port={}", address.port),
            &format!("--user={}", address.user),
            &format!("--execute=source {file}"),
            &address.name,
        ];
        Invocation::new(&self.program, words).with("MYSQL_PWD", &address.password)
    }
}

impl Tool for Client {
    fn name(&self) -> String {
        "mariadb".to_owned()
    }

    fn version(&self) -> Invocation {
        Invocation::new(&self.program, ["--version"])
    }

    fn refuses(&self, trial: Trial) -> Option<&'static str> {
        (trial.system() != System::MariaDb).then_some("MariaDB only")
    }

    fn is_floor(&self) -> bool {
        true
    }

    fn lay_out(&self, set: &Set, folder: &Path) -> io::Result<()> {
        let mut all = String::new();
        for one in &set.migrations {
            let file = format!("{:05}.sql", one.number);
            one.up.write(&folder.join(&file), "", "")?;
            let _ = writeln!(all, "source {file}");
        }
        fs::write(folder.join("all.sql"), all)?;
        let last = set.migrations.iter().rev().take(UNDONE);
        let mut undo = String::new();
        for one in last {
            let _ = writeln!(undo, "{};", one.down);
        }
        fs::write(folder.join("undo.sql"), undo)
    }

    fn migrate(&self, place: &Place) -> Invocation {
        self.read(place, "all.sql")
    }

    fn undo(&self, place: &Place, _applied: usize) -> Vec<Invocation> {
        vec![self.read(place, "undo.sql")]
    }
}
