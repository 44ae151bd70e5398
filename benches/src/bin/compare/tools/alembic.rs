//! Alembic, from Python's registry, on `psycopg`.

use std::fmt::Write as _;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{Place, Tool, Trial, UNDONE, padded};
use crate::install::Cache;
use crate::measure::Invocation;
use crate::scripts::Shape;
use crate::set::{Migration, Script, Set, folder};

const SETTINGS: &str = "[alembic]\nscript_location = .\n";

const ENVIRONMENT: &str = "\
import os
from alembic import context
from sqlalchemy import create_engine, pool

engine = create_engine(os.environ['BENCH_URL'], poolclass=pool.NullPool)
with engine.connect() as connection:
    context.configure(connection=connection, transaction_per_migration=True)
    with context.begin_transaction():
        context.run_migrations()
";

/// Packages that alembic and yoyo need, in one environment.
pub(super) const PACKAGES: &[&str] = &["alembic", "psycopg[binary]", "pymysql", "yoyo-migrations"];

#[derive(Debug)]
struct Alembic {
    program: PathBuf,
}

pub(super) fn find(cache: &Cache) -> Result<Box<dyn Tool>, String> {
    let program = cache.pip(PACKAGES, "alembic")?;
    Ok(Box::new(Alembic { program }))
}

impl Alembic {
    fn call(&self, place: &Place, words: &[&str]) -> Invocation {
        let url = place
            .database
            .url("postgresql+psycopg", "mysql+pymysql", "sqlite:///");
        let start = ["-c", "alembic.ini"];
        Invocation::new(&self.program, start.iter().chain(words).copied()).with("BENCH_URL", url)
    }
}

impl Tool for Alembic {
    fn name(&self) -> String {
        "alembic".to_owned()
    }

    fn version(&self) -> Invocation {
        Invocation::new(&self.program, ["--version"])
    }

    fn refuses(&self, trial: Trial) -> Option<&'static str> {
        match trial {
            Trial::Large(_, Shape::Copy) => Some("no COPY data in a script"),
            // Python's sqlite3 takes one statement a call; a revision would have to split the script itself.
            Trial::Large(crate::database::System::Sqlite, _) => Some("one statement a call on SQLite"),
            _ => None,
        }
    }

    fn lay_out(&self, set: &Set, place: &Path) -> io::Result<()> {
        fs::write(place.join("alembic.ini"), SETTINGS)?;
        fs::write(place.join("env.py"), ENVIRONMENT)?;
        let files = folder(place, "versions")?;
        for one in &set.migrations {
            if let Script::File(_) = &one.up {
                one.up.write(&place.join("script.sql"), "", "")?;
            }
            let file = format!("{}_{}.py", padded(one.number), one.name);
            fs::write(files.join(file), revision(one))?;
        }
        Ok(())
    }

    fn migrate(&self, place: &Place) -> Invocation {
        self.call(place, &["upgrade", "head"])
    }

    fn status(&self, place: &Place) -> Option<Invocation> {
        Some(self.call(place, &["current"]))
    }

    fn undo(&self, place: &Place, _applied: usize) -> Vec<Invocation> {
        vec![self.call(place, &["downgrade", &format!("-{UNDONE}")])]
    }
}

fn revision(one: &Migration) -> String {
    let before = match one.number {
        1 => "None".to_owned(),
        number => format!("'{}'", padded(number - 1)),
    };
    let mut up = String::new();
    match &one.up {
        Script::Statements(statements) => {
            for statement in statements {
                let _ = writeln!(up, "    op.execute(\"\"\"{statement}\"\"\")");
            }
        }
        // `op.execute` would look for parameters in the whole script.
        Script::File(_) => up.push_str("    op.get_bind().exec_driver_sql(open('script.sql').read())\n"),
    }
    let (number, down) = (padded(one.number), &one.down);
    format!(
        "from alembic import op\n\nrevision = '{number}'\ndown_revision = {before}\n\n\ndef upgrade():\n{up}\n\n\
         def downgrade():\n    op.execute(\"{down}\")\n"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_revision_names_the_one_before_it() {
        let set = Set::small(2);
        assert!(revision(&set.migrations[0]).contains("down_revision = None"));
        let second = revision(&set.migrations[1]);
        assert!(second.contains("revision = '00002'\ndown_revision = '00001'"));
        assert_eq!(second.matches("op.execute").count(), 3);
    }
}
