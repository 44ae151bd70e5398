//! dbmate, whose npm package carries the binary.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Place, Tool, Trial, UNDONE, padded};
use crate::install::Cache;
use crate::measure::Invocation;
use crate::scripts::Shape;
use crate::set::{Set, folder};

#[derive(Debug)]
struct Dbmate {
    program: PathBuf,
}

pub(super) fn find(cache: &Cache) -> Result<Box<dyn Tool>, String> {
    let package = cache.npm("dbmate", "2")?;
    // Beside it stands the package of this kind of machine, and only that one.
    let beside = package.with_file_name("@dbmate");
    let kinds = fs::read_dir(&beside).map_err(|error| format!("no binary for this machine: {error}"))?;
    let program = kinds
        .flatten()
        .map(|kind| kind.path().join("bin").join("dbmate"))
        .find(|program| program.is_file())
        .ok_or("no binary for this machine in its package")?;
    Ok(Box::new(Dbmate { program }))
}

impl Dbmate {
    fn call(&self, place: &Place, command: &str) -> Invocation {
        let url = place.database.url("postgres", "mysql", "sqlite:");
        let words = [
            "--url",
            &url,
            "--migrations-dir",
            "migrations",
            "--no-dump-schema",
            command,
        ];
        Invocation::new(&self.program, words)
    }
}

impl Tool for Dbmate {
    fn name(&self) -> String {
        "dbmate".to_owned()
    }

    fn version(&self) -> Invocation {
        Invocation::new(&self.program, ["--version"])
    }

    fn refuses(&self, trial: Trial) -> Option<&'static str> {
        matches!(trial, Trial::Large(_, Shape::Copy)).then_some("no COPY data in a script")
    }

    fn is_one_file(&self) -> bool {
        true
    }

    fn lay_out(&self, set: &Set, place: &Path) -> io::Result<()> {
        let files = folder(place, "migrations")?;
        for one in &set.migrations {
            let down = format!("\n-- migrate:down\n{};\n", one.down);
            let file = files.join(format!("{}_{}.sql", padded(one.number), one.name));
            one.up.write(&file, "-- migrate:up\n", &down)?;
        }
        Ok(())
    }

    fn migrate(&self, place: &Place) -> Invocation {
        self.call(place, "migrate")
    }

    fn status(&self, place: &Place) -> Option<Invocation> {
        Some(self.call(place, "status"))
    }

    /// One call takes back one migration: there is no other way.
    fn undo(&self, place: &Place, _applied: usize) -> Vec<Invocation> {
        vec![self.call(place, "rollback"); UNDONE]
    }
}
