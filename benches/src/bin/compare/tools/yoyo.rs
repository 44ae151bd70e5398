//! yoyo-migrations, from Python's registry, on `psycopg`.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::alembic::PACKAGES;
use super::{Place, Tool, Trial, UNDONE, padded};
use crate::database::System;
use crate::install::Cache;
use crate::measure::Invocation;
use crate::scripts::Shape;
use crate::set::{Set, folder};

#[derive(Debug)]
struct Yoyo {
    program: PathBuf,
}

pub(super) fn find(cache: &Cache) -> Result<Box<dyn Tool>, String> {
    let program = cache.pip(PACKAGES, "yoyo")?;
    Ok(Box::new(Yoyo { program }))
}

impl Yoyo {
    fn call(&self, place: &Place, command: &str, more: &[&str]) -> Invocation {
        let url = place.database.url("postgresql+psycopg", "", "sqlite:///");
        let start = [command, "--batch", "--no-config-file", "--database", &url];
        Invocation::new(
            &self.program,
            start.iter().chain(more).chain(&["migrations"]).copied(),
        )
    }
}

impl Tool for Yoyo {
    fn name(&self) -> String {
        "yoyo".to_owned()
    }

    fn version(&self) -> Invocation {
        // It has no `--version`; this starts as much of it.
        Invocation::new(&self.program, ["--help"])
    }

    fn release(&self) -> Invocation {
        let words = "from importlib.metadata import version; print('yoyo', version('yoyo-migrations'))";
        Invocation::new(&self.program.with_file_name("python"), ["-c", words])
    }

    fn refuses(&self, trial: Trial) -> Option<&'static str> {
        match trial {
            trial if trial.system() == System::MariaDb => Some("compared on PostgreSQL and SQLite only"),
            Trial::Large(_, Shape::Copy) => Some("no COPY data in a script"),
            _ => None,
        }
    }

    fn lay_out(&self, set: &Set, place: &Path) -> io::Result<()> {
        let files = folder(place, "migrations")?;
        for one in &set.migrations {
            let stem = format!("{}.{}", padded(one.number), one.name);
            one.up.write(&files.join(format!("{stem}.sql")), "", "")?;
            fs::write(
                files.join(format!("{stem}.rollback.sql")),
                format!("{};\n", one.down),
            )?;
        }
        Ok(())
    }

    fn migrate(&self, place: &Place) -> Invocation {
        self.call(place, "apply", &[])
    }

    fn status(&self, place: &Place) -> Option<Invocation> {
        Some(self.call(place, "list", &[]))
    }

    /// It counts nothing: the last ones are named by a pattern.
    fn undo(&self, place: &Place, applied: usize) -> Vec<Invocation> {
        let first = applied.saturating_sub(UNDONE) + 1;
        let numbers: Vec<_> = (first..=applied).map(padded).collect();
        let pattern = format!("^({})", numbers.join("|"));
        vec![self.call(place, "rollback", &["--match", &pattern])]
    }
}
