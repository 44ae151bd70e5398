//! dbvc: the release binary of this workspace, and others given by `--dbvc`.

use std::io;
use std::path::{Path, PathBuf};

use super::{Place, Tool, Trial, UNDONE};
use crate::database::System;
use crate::measure::Invocation;
use crate::set::{Set, folder};

#[derive(Debug)]
pub(crate) struct Dbvc {
    /// How this build is called in the tables.
    pub(crate) label: String,
    pub(crate) program: PathBuf,
    /// Whether each migration waits for the disk by itself, as all other tools do, and not all of a run together.
    pub(crate) each_durable: bool,
}

/// What is set for [`Dbvc::each_durable`].
const EACH_DURABLE: &str = "[database]\ndurable = \"migration\"\n";

impl Dbvc {
    fn call(&self, place: &Place, words: &[&str]) -> Invocation {
        let url = place.database.url("postgres", "mysql", "sqlite:");
        let start = ["--url", &url, "--yes"];
        Invocation::new(&self.program, start.iter().chain(words).copied())
    }
}

impl Tool for Dbvc {
    fn name(&self) -> String {
        if self.each_durable {
            format!("{}, each on disk", self.label)
        } else {
            self.label.clone()
        }
    }

    fn version(&self) -> Invocation {
        Invocation::new(&self.program, ["--version"])
    }

    fn is_dbvc(&self) -> bool {
        true
    }

    fn is_one_file(&self) -> bool {
        !self.each_durable
    }

    fn refuses(&self, trial: Trial) -> Option<&'static str> {
        let differs = !self.each_durable || trial == Trial::Small(System::Postgres);
        (!differs).then_some("small migrations on PostgreSQL only")
    }

    fn lay_out(&self, set: &Set, place: &Path) -> io::Result<()> {
        if self.each_durable {
            std::fs::write(place.join("dbvc.toml"), EACH_DURABLE)?;
        }
        let (up, down) = (folder(place, "migrations")?, folder(place, "rollback")?);
        for one in &set.migrations {
            let stem = format!("V{}__{}", one.number, one.name);
            one.up.write(&up.join(format!("{stem}.sql")), "", "")?;
            std::fs::write(
                down.join(format!("{stem}_rollback.sql")),
                format!("{};\n", one.down),
            )?;
        }
        Ok(())
    }

    fn migrate(&self, place: &Place) -> Invocation {
        self.call(place, &["migrate"])
    }

    fn status(&self, place: &Place) -> Option<Invocation> {
        Some(self.call(place, &["status"]))
    }

    fn undo(&self, place: &Place, _applied: usize) -> Vec<Invocation> {
        vec![self.call(place, &["rollback", "--count", &UNDONE.to_string()])]
    }
}
