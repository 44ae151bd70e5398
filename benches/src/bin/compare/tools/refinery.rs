//! refinery's command line, from crates.io. It cannot take a migration back, and has no status.

use std::io;
use std::path::{Path, PathBuf};

use super::{Place, Tool, Trial};
use crate::database::System;
use crate::install::Cache;
use crate::measure::Invocation;
use crate::scripts::Shape;
use crate::set::{Set, folder};

#[derive(Debug)]
struct Refinery {
    program: PathBuf,
}

pub(super) fn find(cache: &Cache) -> Result<Box<dyn Tool>, String> {
    let program = cache.cargo("refinery_cli", "refinery", "postgresql,sqlite-bundled")?;
    Ok(Box::new(Refinery { program }))
}

impl Tool for Refinery {
    fn name(&self) -> String {
        "refinery".to_owned()
    }

    fn version(&self) -> Invocation {
        Invocation::new(&self.program, ["--version"])
    }

    fn refuses(&self, trial: Trial) -> Option<&'static str> {
        match trial {
            trial if trial.system() == System::MariaDb => Some("compared on PostgreSQL and SQLite only"),
            Trial::Large(_, Shape::Copy) => Some("no COPY data in a script"),
            _ => None,
        }
    }

    fn is_one_file(&self) -> bool {
        true
    }

    fn lay_out(&self, set: &Set, place: &Path) -> io::Result<()> {
        let files = folder(place, "migrations")?;
        for one in &set.migrations {
            one.up
                .write(&files.join(format!("V{}__{}.sql", one.number, one.name)), "", "")?;
        }
        Ok(())
    }

    fn migrate(&self, place: &Place) -> Invocation {
        let words = ["migrate", "-e", "BENCH_URL", "-p", "migrations"];
        let url = place.database.url("postgres", "", "sqlite://");
        Invocation::new(&self.program, words).with("BENCH_URL", url)
    }
}
