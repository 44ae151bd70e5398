//! SQLite's own shell, without any record of what ran: the floor.

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
struct Shell {
    program: PathBuf,
}

pub(super) fn find(cache: &Cache) -> Result<Box<dyn Tool>, String> {
    let program = cache.debian(&["sqlite3"], "sqlite3")?;
    Ok(Box::new(Shell { program }))
}

impl Shell {
    fn read(&self, place: &Place, file: &str) -> Invocation {
        let database = place.database.url("", "", "");
        let read = format!(".read {file}");
        Invocation::new(
            &self.program,
            ["-batch", "-bail", "-init", "/dev/null", &database, &read],
        )
    }
}

impl Tool for Shell {
    fn name(&self) -> String {
        "sqlite3".to_owned()
    }

    fn version(&self) -> Invocation {
        Invocation::new(&self.program, ["--version"])
    }

    fn refuses(&self, trial: Trial) -> Option<&'static str> {
        (trial.system() != System::Sqlite).then_some("SQLite only")
    }

    fn is_floor(&self) -> bool {
        true
    }

    fn lay_out(&self, set: &Set, folder: &Path) -> io::Result<()> {
        let mut all = String::new();
        for one in &set.migrations {
            let file = format!("{:05}.sql", one.number);
            one.up.write(&folder.join(&file), "", "")?;
            let _ = write!(all, "BEGIN;\n.read {file}\nCOMMIT;\n");
        }
        fs::write(folder.join("all.sql"), all)?;
        let last = set.migrations.iter().rev().take(UNDONE);
        let mut undo = String::new();
        for one in last {
            let _ = write!(undo, "BEGIN;\n{};\nCOMMIT;\n", one.down);
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
