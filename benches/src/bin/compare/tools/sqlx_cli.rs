//! sqlx-cli, from crates.io.

use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Place, Tool, Trial, UNDONE};
use crate::install::Cache;
use crate::measure::Invocation;
use crate::scripts::Shape;
use crate::set::{Set, folder};

#[derive(Debug)]
struct Sqlx {
    program: PathBuf,
}

pub(super) fn find(cache: &Cache) -> Result<Box<dyn Tool>, String> {
    let program = cache.cargo("sqlx-cli", "sqlx", "postgres,mysql,sqlite,rustls")?;
    Ok(Box::new(Sqlx { program }))
}

impl Sqlx {
    fn call(&self, place: &Place, command: &str, more: &[&str]) -> Invocation {
        let url = place.database.url("postgres", "mysql", "sqlite://");
        let start = [
            "migrate",
            command,
            "--no-dotenv",
            "--source",
            "migrations",
            "-D",
            &url,
        ];
        Invocation::new(&self.program, start.iter().chain(more).copied())
    }
}

impl Tool for Sqlx {
    fn name(&self) -> String {
        "sqlx-cli".to_owned()
    }

    fn version(&self) -> Invocation {
        Invocation::new(&self.program, ["--version"])
    }

    fn refuses(&self, trial: Trial) -> Option<&'static str> {
        matches!(trial, Trial::Large(_, Shape::Copy)).then_some("no COPY data in a script: it waits for ever")
    }

    fn is_one_file(&self) -> bool {
        true
    }

    fn lay_out(&self, set: &Set, place: &Path) -> io::Result<()> {
        let files = folder(place, "migrations")?;
        for one in &set.migrations {
            let stem = format!("{}_{}", one.number, one.name);
            one.up.write(&files.join(format!("{stem}.up.sql")), "", "")?;
            fs::write(files.join(format!("{stem}.down.sql")), format!("{};\n", one.down))?;
        }
        Ok(())
    }

    fn migrate(&self, place: &Place) -> Invocation {
        self.call(place, "run", &[])
    }

    fn status(&self, place: &Place) -> Option<Invocation> {
        Some(self.call(place, "info", &[]))
    }

    fn undo(&self, place: &Place, applied: usize) -> Vec<Invocation> {
        let stay = applied.saturating_sub(UNDONE).to_string();
        vec![self.call(place, "revert", &["--target-version", &stay])]
    }
}
