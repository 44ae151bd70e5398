//! Sqitch, from Debian. It starts `psql` or `sqlite3` for each change.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Place, Tool, Trial, UNDONE, padded, postgres_program};
use crate::database::{Database, System};
use crate::install::Cache;
use crate::measure::Invocation;
use crate::set::{Set, folder};

#[derive(Debug)]
struct Sqitch {
    program: PathBuf,
    psql: PathBuf,
}

pub(super) fn find(cache: &Cache) -> Result<Box<dyn Tool>, String> {
    let packages = ["sqitch", "libdbd-pg-perl", "libdbd-sqlite3-perl", "sqlite3"];
    let program = cache.debian(&packages, "sqitch")?;
    Ok(Box::new(Sqitch {
        program,
        psql: postgres_program("psql")?,
    }))
}

impl Sqitch {
    fn call(&self, place: &Place, words: &[&str]) -> Invocation {
        let target = match &place.database {
            Database::Postgres(_) | Database::MariaDb(_) => {
                format!("db:{}", place.database.url("pg", "mysql", ""))
            }
            Database::Sqlite(path) => format!("db:sqlite:{}", path.display()),
        };
        Invocation::new(
            &self.program,
            words.iter().copied().chain(["--target", target.as_str()]),
        )
    }
}

impl Tool for Sqitch {
    fn name(&self) -> String {
        "sqitch".to_owned()
    }

    fn version(&self) -> Invocation {
        Invocation::new(&self.program, ["--version"])
    }

    fn refuses(&self, trial: Trial) -> Option<&'static str> {
        (trial.system() == System::MariaDb).then_some("compared on PostgreSQL and SQLite only")
    }

    fn is_slow(&self) -> bool {
        true
    }

    fn lay_out(&self, set: &Set, place: &Path) -> io::Result<()> {
        let (up, down) = (folder(place, "deploy")?, folder(place, "revert")?);
        let mut plan = "%syntax-version=1.0.0\n%project=bench\n\n".to_owned();
        for one in &set.migrations {
            let name = format!("c{}", padded(one.number));
            let _ = writeln!(
                plan,
                "{name} 2026-01-01T00:00:00Z Bench <bench@example.com> # none"
            );
            let file = format!("{name}.sql");
            one.up.write(&up.join(&file), "BEGIN;\n", "COMMIT;\n")?;
            fs::write(down.join(&file), format!("BEGIN;\n{};\nCOMMIT;\n", one.down))?;
        }
        fs::write(place.join("sqitch.plan"), plan)?;
        let settings = format!(
            "[user]\n\tname = Bench\n\temail = bench@example.com\n[engine \"pg\"]\n\tclient = {}\n",
            self.psql.display()
        );
        fs::write(place.join("sqitch.conf"), settings)
    }

    fn migrate(&self, place: &Place) -> Invocation {
        self.call(place, &["deploy"])
    }

    fn status(&self, place: &Place) -> Option<Invocation> {
        Some(self.call(place, &["status"]))
    }

    fn undo(&self, place: &Place, _applied: usize) -> Vec<Invocation> {
        vec![self.call(
            place,
            &["revert", "-y", "--to-change", &format!("@HEAD^{UNDONE}")],
        )]
    }
}
